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
    from .starting import Door
    from .world import World

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

    A page that says what this is about answers at once; libraries and region load behind it. Raises InputError for
    what cannot be served.
    """
    start = time.perf_counter()
    listener = open_port(options.host, options.port)
    try:
        port = listener.getsockname()[1]
        host = f"[{options.host}]" if ":" in options.host else options.host
        shown = host if options.host not in ANY else "127.0.0.1"
        address = f"http://{shown}:{port}/"
        import uvicorn

        from .guard import Guard
        from .starting import Door

        door = Door(options.language)
        server = uvicorn.Server(
            uvicorn.Config(
                Guard(door, allowed_hosts(options, port)),
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                ws_max_size=4_000_000,
                ws_per_message_deflate=options.host not in LOCAL,  # within one computer it only costs time
                timeout_graceful_shutdown=2,
            )
        )
        problems: list[BaseException] = []
        worlds: list[World] = []

        def prepare() -> None:
            try:
                worlds.append(_prepared(options, address, door))
                said(f"{address} ({time.perf_counter() - start:.0f} s)")
                if ready is not None:
                    ready(address)
                _afterwards(worlds[0])
            except BaseException as error:  # raised by `serve`, in the thread that was asked to serve
                problems.append(error)
                server.should_exit = True

        threading.Thread(target=prepare, name="prepare", daemon=True).start()
        if options.open_browser:
            threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()
        try:
            server.run(sockets=[listener])
        finally:
            for world in worlds:
                world.ahead.close()
                world.background.close()
        if problems:
            raise problems[0]
    finally:
        listener.close()


def _prepared(options: Options, address: str, door: Door) -> World:
    """Load libraries and region, and open the door to the pages; everything they need is imported here.

    Imports inside running sessions would let other sessions see half-loaded libraries.
    """
    gc.disable()  # nothing of what is loaded now goes away again
    import mesa  # it asks for all modules loaded so far, so it comes first: a second less

    del mesa
    from . import settings
    from .ensemble import cache_folder

    settings.apply(settings.environment(base_url=address, home=cache_folder(options.folder)))
    warnings.filterwarnings("ignore", message="Cookies with samesite", module="solara")  # no https here
    from .world import install
    from .worlds import build_world  # loads the browser stack, so it comes after its settings

    world = build_world(options)
    install(world)
    from solara.server import server, starlette

    from . import app, outbox

    del app
    outbox.install()
    starlette.on_startup()
    server.read_root("")  # the first page would wait for its template
    gc.collect()
    gc.freeze()  # libraries and region stay for good: the collector need not look through them again and again
    gc.set_threshold(20_000, 20, 50)  # a click makes some thousand objects
    gc.enable()
    door.open(starlette.app, starlette.on_shutdown)
    return world


def _afterwards(world: World) -> None:
    """Prepare what the first pages do not need."""
    from .pages import expert

    world.background.start({}, check=not world.source)  # ready-made results were checked when they were read
    expert.run_parts()
