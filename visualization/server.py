"""The server of the app: one process on this computer, behind the guard.

    serve(options, said=print)

prepares region and results, opens the port, starts the pages, and blocks until Ctrl-C.
"""

from __future__ import annotations

import gc
import socket
import sys
import threading
import time
import warnings
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..model.errors import InputError

if TYPE_CHECKING:
    from ..experiments.parameter_draws import ParameterDraws

LOCAL = ("127.0.0.1", "localhost", "::1")
ANY = frozenset(("0.0.0.0", "::"))
"""Addresses that mean every network this computer is in."""
DEFAULT_PORT = 8765


@dataclass(frozen=True, slots=True)
class Options:
    """What `kreislauf app` was asked for; `hosts` are further names under which the app may be called."""

    region: str = "coburg"
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    hosts: Sequence[str] = ()
    field: str = ""
    variants: Sequence[str] | None = None
    draws: ParameterDraws | None = None
    results: Path | None = None
    folder: Path | None = None
    seeds: int = 20
    months: int | None = None
    language: str = "de"
    open_browser: bool = True
    workers: int | None = None


def allowed_hosts(options: Options, port: int) -> frozenset[str]:
    """Return the Host headers the guard lets through."""
    names = {*options.hosts, options.host, *(LOCAL if options.host in LOCAL else ())} - ANY
    found: set[str] = set()
    for name in names:
        shown = f"[{name}]" if ":" in name and not name.startswith("[") else name
        found.add(f"{shown}:{port}".lower())
        if name in options.hosts:
            found.add(shown.lower())  # behind a proxy the port of the outside is not ours
    return frozenset(found)


def open_port(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises InputError when the address is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in (98, 48, 10048):
            raise InputError(
                f"port {port} is in use, perhaps by an app that still runs; "
                f"open http://{host}:{port}/ or choose another port with --port"
            ) from None
        raise InputError(f"the address {host}, port {port} cannot be used: {error.strerror or error}") from None
    return listener


def serve(options: Options, *, said: Callable[[str], None], ready: Callable[[str], None] | None = None) -> None:
    """Run the app until Ctrl-C; `said` gets sentences about the start, `ready` the address when pages answer.

    Raises InputError for what cannot be served, before anything is started.
    """
    start = time.perf_counter()
    listener = open_port(options.host, options.port)
    try:
        port = listener.getsockname()[1]
        host = f"[{options.host}]" if ":" in options.host else options.host
        shown = host if options.host not in ANY else "127.0.0.1"
        address = f"http://{shown}:{port}/"
        from . import settings
        from .ensemble import cache_folder

        settings.apply(settings.environment(base_url=address, home=cache_folder(options.folder)))
        from .world import install
        from .worlds import build_world  # loads the browser stack, so it comes after its settings

        world = build_world(options)
        install(world)
        application = _application(allowed_hosts(options, port))
        gc.collect()
        gc.freeze()  # libraries and region stay for good: the collector need not look through them again and again
        gc.set_threshold(20_000, 20, 50)  # a click makes some thousand objects
        import uvicorn

        server = uvicorn.Server(
            uvicorn.Config(
                application,
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                ws_max_size=4_000_000,
                ws_per_message_deflate=options.host not in LOCAL,  # within one computer it only costs time
                timeout_graceful_shutdown=2,
            )
        )

        def tell() -> None:
            if not _answers(shown.strip("[]"), port, next(iter(allowed_hosts(options, port)))):
                return
            said(f"{address} ({time.perf_counter() - start:.0f} s)")
            if ready is not None:
                ready(address)
            if options.open_browser:
                webbrowser.open(address)
            world.background.start({})  # after the pages answer, so that they answer soon

        threading.Thread(target=tell, name="tell", daemon=True).start()
        try:
            server.run(sockets=[listener])
        finally:
            world.background.close()
    finally:
        listener.close()


def _application(hosts: frozenset[str]):
    """Return the guarded pages; everything they need is imported here, before the first session."""
    warnings.filterwarnings("ignore", message="Cookies with samesite", module="solara")  # no https here
    from solara.server import starlette

    from . import app, outbox
    from .guard import Guard

    outbox.install()
    del app  # imported so that no session is the first to do so
    return Guard(starlette.app, hosts)


def _answers(host: str, port: int, name: str, *, patience: float = 120.0) -> bool:
    """Return whether the server answers /readyz within some seconds."""
    import http.client

    end = time.monotonic() + patience
    while time.monotonic() < end:
        connection = http.client.HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", "/readyz", headers={"Host": name})
            if connection.getresponse().status == 200:
                return True
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    return False
