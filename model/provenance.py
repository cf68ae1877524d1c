"""Where a result comes from: the hash of the code, the packages, the machine and the command that computed it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

_PACKAGES = ("kreislauf", "mesa", "numba", "numpy", "pandas", "pyarrow", "networkx", "pydantic")


def provenance() -> dict[str, Any]:
    """Return what computed a result: code, packages, machine, Python."""
    return {
        "code": code_hash(),
        "packages": package_versions(),
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "python": platform.python_version(),
    }


def code_hash() -> str:
    """Return a hash of the model's sources and shipped tables: equal hashes and equal inputs give equal results."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder in ("agents", "model"):
        for path in sorted((root / folder).rglob("*")):
            inputs = {"regions", "variants", "scenarios", "__pycache__"} & set(path.relative_to(root).parts)
            if path.is_file() and not inputs and path.suffix in {".py", ".csv", ".toml"}:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def package_versions() -> dict[str, str]:
    """Return the versions of the packages a result depends on."""
    versions: dict[str, str] = {}
    for name in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def without_folders(word: str) -> str:
    """Return a word of the command line without the folders of a path, which may name a person."""
    option, equals, value = word.partition("=")
    if equals and value:
        return f"{option}={Path(value).name}"
    return Path(word).name if os.sep in word else word
