"""kreislauf: who is responsible, who pays, and what becomes of people, month by month in a German district."""

__version__ = "0.1.0"

__all__ = ["__version__"]
