"""Builds wheel and sdist with setuptools, the same bytes every time: no clock, no umask, no order of files."""

import gzip
import io
import os
import tarfile
import time
import zipfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403

_ALWAYS = 1735689600  # 1 January 2025, unless SOURCE_DATE_EPOCH says otherwise


def _moment() -> int:
    return int(os.environ.setdefault("SOURCE_DATE_EPOCH", str(_ALWAYS)))


def build_wheel(folder, settings=None, metadata=None):
    """Build the wheel and write it again with fixed times and modes; RECORD holds contents only and stays true."""
    moment = _moment()
    path = Path(folder, name := build_meta.build_wheel(folder, settings, metadata))
    with zipfile.ZipFile(path) as built:
        files = {entry: built.read(entry) for entry in built.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in files.items():
            info = zipfile.ZipInfo(entry, time.gmtime(max(moment, 315532800))[:6])
            info.external_attr, info.compress_type, info.create_system = 0o100644 << 16, zipfile.ZIP_DEFLATED, 3
            archive.writestr(info, content)
    return name


def build_sdist(folder, settings=None):
    """Build the sdist and write it again in order of names, with fixed times, modes and owner."""
    moment = _moment()
    path = Path(folder, name := build_meta.build_sdist(folder, settings))
    packed = io.BytesIO()
    with tarfile.open(path) as built, tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry in sorted((entry for entry in built if entry.isfile()), key=lambda entry: entry.name):
            content = built.extractfile(entry).read()
            info = tarfile.TarInfo(entry.name)
            info.size, info.mtime, info.mode = len(content), moment, 0o755 if entry.name.endswith("/.ci/run") else 0o644
            archive.addfile(info, io.BytesIO(content))
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=moment))
    return name
