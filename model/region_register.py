"""The register of a region file: its structures, the accounts of those who pay, and the hours they have for cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .kept import kept
from .structures import Register, Structure

if TYPE_CHECKING:
    from .field import Field
    from .region import Region


def register_from_region(region: Region, field_of_action: Field, case_share: float, support_share: float) -> Register:
    """Build the register of a region file: actors and accounts get their names, dates become month numbers.

    `case_share` is the part of staff time that serves cases (the rest is records, travel, training), less by
    `support_share` where a post also looks after helpers; lessons of courses are capacity as they stand, and
    volunteers' hours follow from their number during the run. The runs of a process share the reading.
    """
    key = (
        field_of_action.task_ids,
        field_of_action.groups,
        field_of_action.full_hours_tasks,
        field_of_action.support,
        case_share,
        support_share,
    )
    return kept(region, ("register", *key), lambda: _read(region, field_of_action, case_share, support_share)).copy()


def _read(region: Region, field_of_action: Field, case_share: float, support_share: float) -> Register:
    register = Register(field_of_action, region, support_share)
    items: list[Structure] = []
    row: Any
    for row in region.structures.itertuples():
        catchment = tuple(int(m) for m in row.municipality_indices)
        own = len(catchment) == 1 and row.level in ("municipality", "volunteers")
        district = int(row.district_index)
        place = region.keys[catchment[0]] if own else (region.districts[district].key if district >= 0 else "")
        items.append(
            Structure(
                id=str(row.id), name=str(row.name_de), actor=f"{row.owner}:{place}" if place else str(row.owner),
                level=str(row.level), tasks=tuple(row.task_ids), groups=tuple(row.group_ids), catchment=catchment,
                hours=float(row.hours_per_month) * (
                    1.0 if register.whole(row.task_ids) else case_share * (1.0 - register.support(row.task_ids))
                ),
                fte=float(row.fte),
                cost_cents=round(float(row.monthly_cost_eur) * 100),
                payers=payer_accounts(row.payer_shares, str(row.owner), region, catchment, district),
                start=int(row.start_month), end=int(row.end_month) + 1, ramp_up=int(row.ramp_up_months),
                notice=float(row.visibility_factor), nature=str(row.nature), seat=catchment[0] if own else -1,
                unit=str(row.unit),
            )
        )  # fmt: skip
    register.add(items)
    return register


def payer_accounts(
    payers: Sequence[tuple[str, float]], owner: str, region: Region, catchment: tuple[int, ...], district: int
) -> tuple[tuple[str, float], ...]:
    """Return ledger accounts with their shares for the payer words of a region file."""
    districts = [region.districts[district]] if district >= 0 else list(region.districts)
    shares: list[tuple[str, float]] = []
    for token, share in payers:
        if token == "district":
            shares += [(f"district:{d.key}", share / len(districts)) for d in districts]
        elif token == "municipality":
            shares += [(f"municipality:{region.keys[m]}", share / len(catchment)) for m in catchment]
        elif token == "carrier":
            shares.append((f"carrier:{owner}", share))
        else:
            shares.append((token, share))
    return tuple(shares)
