"""The command `kreislauf`."""

from .app import app, main

__all__ = ["app", "main"]
