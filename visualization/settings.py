"""The settings of the browser stack: offline, quiet, limited. They must be set before Solara is imported."""

from __future__ import annotations

import os
from pathlib import Path

APP = "kreislauf.visualization.app"
ASSETS = Path(__file__).with_name("assets")


def environment(*, base_url: str, home: Path) -> dict[str, str]:
    """Return the environment variables of the server.

    Nothing is asked of other computers: no telemetry, no fonts or scripts from elsewhere; a script that is not
    installed is missing rather than fetched (port 9 answers nobody). Nothing is written but into `home`. The address
    is fixed, so no header of a request can change it. A session nobody looks at for half an hour is forgotten.
    """
    return {
        "SOLARA_APP": APP,
        "SOLARA_MODE": "production",
        "SOLARA_HOME": str(home),
        "MPLCONFIGDIR": str(home / ".matplotlib"),
        "IPYTHONDIR": str(home / ".ipython"),
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
        "SOLARA_TELEMETRY_SERVER_USER_ID": "nobody",
        "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
        "SOLARA_ASSETS_EXTRA_LOCATIONS": str(ASSETS),
        "SOLARA_ASSETS_PROXY": "true",
        "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",
        "SOLARA_ROOT_PATH": "",
        "SOLARA_BASE_URL": base_url,
        "SOLARA_SESSION_HTTP_ONLY": "true",
        "SOLARA_KERNEL_CULL_TIMEOUT": "30m",
        "SOLARA_KERNEL_MAX_COUNT": "40",
        "SOLARA_STATE_AUTO_REMOUNT": "true",  # all state is in the address: a page outlives a restart
        "SOLARA_KERNEL_MAX_PER_SESSION": "20",
        "SOLARA_THEME_SHOW_BANNER": "false",
        "SOLARA_THEME_LOADER": "plain",
        "SOLARA_THEME_TITLE": "kreislauf",
    }


def apply(variables: dict[str, str]) -> None:
    """Set the environment of this process; what the user has set for the browser stack does not count."""
    for name in [name for name in os.environ if name.startswith("SOLARA_")]:
        del os.environ[name]
    os.environ.update(variables)
