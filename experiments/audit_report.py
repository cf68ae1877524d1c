"""The audit of assumptions as a page of Markdown: conclusion x assumption x threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..model.measures import MEASURES
from ..model.parameters import parameter_table
from ..model.protocol import table

if TYPE_CHECKING:
    from .audit import Audit


_KEPT = 0.5  # share of a difference that is still there when a loss may be the luck of a seed


def markdown(found: Audit, *, title: str, reference: str) -> str:
    """Return the page: what was concluded, what survives every assumption, and which assumption flips the rest."""
    seeds = max((row["seeds"] for row in found.conclusions.to_dict("records")), default=0)
    drawn = [row for row in found.conclusions.to_dict("records") if row["conclusion"] != "open"]
    flips = found.flips.to_dict("records")
    flipped = {(row["variant"], row["measure"]) for row in flips}
    turned = {(row["variant"], row["measure"]) for row in flips if row["verdict"] == "turned"}
    ends = ["turned" if row["verdict"] == "turned" else "lost" for row in flips]
    return "\n".join(
        [
            f"# Audit of assumptions: {title}\n",
            f"{len(found.audited)} assumptions without a source, each moved alone to the low and the high end of its "
            f"range, all others left as shipped; {seeds} seeds, {found.runs:,} runs, every variant against "
            f"`{reference}` with the same seed. A conclusion is a difference whose 95 % interval leaves out zero. It "
            "is *lost* at an end where the seeds no longer agree on its sign, *turned* where all of them say the "
            "opposite. The threshold is the value from which on the mean difference has the other sign, by straight "
            "lines between runs; `-`: it keeps its sign up to the end. Two assumptions moved together may flip what "
            "neither flips alone.\n",
            _how_sure(flips, seeds),
            *([_failures(found.failed)] if found.failed else []),
            f"Of {len(found.conclusions)} differences {len(drawn)} are conclusions; **{len(drawn) - len(flipped)} "
            f"survive every single assumption**, {len(flipped)} are lost or turned by at least one, {len(turned)} are "
            f"turned. {len(flips)} flips in all: {ends.count('turned')} turned, {ends.count('lost')} lost.\n",
            "## Conclusions\n",
            table(
                ["measure", "variant", "difference [95 %]", "conclusion", "turned by", "lost by"],
                [_conclusion(row, flips) for row in _by_measure(found.conclusions.to_dict("records"))],
            ),
            "\n## Assumptions, by how many conclusions they flip\n",
            table(["assumption", "group", "confidence", "turns", "loses", "about"], _assumptions(flips)),
            "\n## Every flip: conclusion x assumption x threshold\n",
            table(
                [
                    "measure",
                    "variant",
                    "difference",
                    "assumption",
                    "value",
                    "moved to",
                    "there",
                    "verdict",
                    "threshold",
                ],
                [_flip(row) for row in _by_measure(flips)],
            ),
            "",
        ]
    )


def _how_sure(flips: list[dict[Any, Any]], seeds: int) -> str:
    """Return what so few seeds can and cannot say; the number of losses that may be luck is counted."""
    lost = [row["difference_there"] / row["difference"] for row in flips if row["verdict"] == "lost"]
    kept = sum(share > _KEPT for share in lost)
    counted = f": {kept} of the {len(lost)} losses keep more than half of the mean difference" if lost else ""
    return (
        f"**What {seeds} seeds can say.** This page searches, it does not judge. A difference picked for being clear "
        "with few seeds is on average too large, one that is open may be clear with more, and a small one is lost at "
        f"an end by the luck of one seed{counted}. Look at a line with 20 seeds before you quote it: "
        "`kreislauf compare REGION --set NAME=VALUE`.\n"
    )


def _failures(failed: int) -> str:
    """Return what a reader has to know when runs failed."""
    return (
        f"**{failed:,} runs failed.** A conclusion whose runs at an end are not all there counts as lost at that end: "
        "nothing shows that it survives.\n"
    )


def _by_measure(rows: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    return sorted(rows, key=lambda row: (list(MEASURES).index(row["measure"]), row["variant"]))


def _conclusion(row: dict[Any, Any], flips: list[dict[Any, Any]]) -> list[str]:
    mine = [flip for flip in flips if (flip["variant"], flip["measure"]) == (row["variant"], row["measure"])]
    turned = sorted({flip["parameter"] for flip in mine if flip["verdict"] == "turned"})
    lost = sorted({flip["parameter"] for flip in mine} - set(turned))
    span = f"{row['difference']:+.3g} [{row['low']:+.3g}; {row['high']:+.3g}]"
    few = [", ".join(f"`{name}`" for name in names[:5]) + (f" and {len(names) - 5} more" if names[5:] else "")
           for names in (turned, lost)]  # fmt: skip
    settled = row["conclusion"] != "open"
    return [
        row["measure"],
        row["variant"],
        span,
        row["conclusion"],
        *((words or "none") if settled else "" for words in few),
    ]


def _assumptions(flips: list[dict[Any, Any]]) -> list[list[str]]:
    entries = parameter_table()
    rows = []
    for name in dict.fromkeys(flip["parameter"] for flip in flips):
        about = {
            word: len(
                {
                    (flip["variant"], flip["measure"])
                    for flip in flips
                    if flip["parameter"] == name and flip["verdict"] == word
                }
            )
            for word in ("turned", "lost")
        }
        entry = entries[name]
        rows.append(
            (
                about,
                [
                    f"`{name}`",
                    entry.group,
                    entry.confidence,
                    str(about["turned"]),
                    str(about["lost"]),
                    entry.description,
                ],
            )
        )
    return [row for _, row in sorted(rows, key=lambda item: (-item[0]["turned"], -item[0]["lost"], item[1][0]))]


def _flip(row: dict[Any, Any]) -> list[str]:
    threshold = f"{row['threshold']:.3g}" if row["threshold"] == row["threshold"] else "-"
    return [
        row["measure"], row["variant"], f"{row['difference']:+.3g}", f"`{row['parameter']}`", f"{row['value']:.3g}",
        f"{row['moved_to']:.3g}", f"{row['difference_there']:+.3g}", row["verdict"], threshold,
    ]  # fmt: skip
