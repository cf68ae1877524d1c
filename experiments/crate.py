"""A results folder as an RO-Crate 1.1: plain JSON-LD that says what each file is and how it came about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..model.files import write_text
from ..model.results_folder import CRATE, MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

    from ..model.results_folder import Results

_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_DESCRIPTIONS = {
    "runs": "One row per run: what it was, uncertain values, status and one column per measure",
    "monthly": "Monthly indicators by municipality and for the region",
    "cells": "Tasks by municipality and group of people: cases, hours, gaps",
    "flows": "Every euro by month, payer, payee, purpose and instrument, in cents",
    "structures": "Structures with posts, payers, start and end",
    "households": "Households at the end of the run",
}


def write_crate(results: Results) -> Path:
    """Write `ro-crate-metadata.json` into a results folder and return its path."""
    path = results.folder / CRATE
    write_text(path, json.dumps(crate_of(results.manifest), indent=2, ensure_ascii=False) + "\n")
    return path


def crate_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of a results folder from its manifest, as JSON-LD."""
    files = [
        {
            "@id": entry["file"],
            "@type": "File",
            "name": name,
            "description": _DESCRIPTIONS.get(name, name),
            "encodingFormat": "application/vnd.apache.parquet",
            "contentSize": str(entry["bytes"]),
            "sha256": entry["sha256"],
        }
        for name, entry in manifest["tables"].items()
    ]
    files.append({"@id": MANIFEST, "@type": "File", "name": "manifest", "encodingFormat": "application/json",
                  "description": "Inputs with hashes, versions, command, machine"})  # fmt: skip
    experiment = manifest.get("experiment", {})
    title = experiment.get("title") or experiment.get("name") or "kreislauf results"
    software = {
        "@id": "#kreislauf",
        "@type": "SoftwareApplication",
        "name": "kreislauf",
        "version": manifest["packages"].get("kreislauf", ""),
        "softwareRequirements": [f"{name} {version}" for name, version in manifest["packages"].items()],
        "identifier": f"code {manifest['code']}",
    }
    region = manifest["inputs"]["region"]
    inputs = [{"@id": f"#region-{region['name']}", "@type": "Dataset", "name": region["name"],
               "identifier": f"sha256 {region['sha256']}"}]  # fmt: skip
    for kind in ("variants", "scenarios"):
        inputs += [
            {"@id": f"#{kind}-{name}", "@type": "CreativeWork", "name": name, "identifier": f"sha256 {entry['sha256']}"}
            for name, entry in manifest["inputs"].get(kind, {}).items()
        ]
    action = {
        "@id": "#simulation",
        "@type": "CreateAction",
        "name": " ".join(manifest.get("command", [])) or "simulation",
        "endTime": manifest["created"],
        "instrument": {"@id": "#kreislauf"},
        "object": [{"@id": entry["@id"]} for entry in inputs],
        "result": [{"@id": entry["@id"]} for entry in files],
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": f"{manifest['runs']['done']} simulation runs of region {region['name']}",
        "datePublished": manifest["created"],
        "license": experiment.get("license") or "not stated by the authors",
        "hasPart": [{"@id": entry["@id"]} for entry in files],
        "mentions": [{"@id": "#simulation"}],
    }
    about = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    return {"@context": _CONTEXT, "@graph": [about, root, *files, software, *inputs, action]}
