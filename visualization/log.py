"""The app's log: errors stand there in full, under the number a reader sees."""

from __future__ import annotations

import logging
import secrets

LOG = logging.getLogger("kreislauf.app")


def report(error: BaseException, where: str) -> str:
    """Write an error with its traceback to the log and return the number under which it stands there."""
    number = secrets.token_hex(3)
    LOG.error("error %s in %s", number, where, exc_info=error)
    return number
