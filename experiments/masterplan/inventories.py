"""What the document shows beside the comparison: inventory, needs, gaps, and what each plan decides, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...model.field import load_field
from ...model.gaps import register_cells
from ...model.inventory import by_level, by_payer, by_task, cliff_by_year, expiry_calendar, inventory
from ...model.plan import EVERYWHERE
from ...model.plan_check import months_by_year, phases_of, place_words
from .asked import STATUS_QUO
from .runs import TASK_FIGURES

if TYPE_CHECKING:
    from ...model.plan import Plan
    from ...model.region import Region
    from .search import Found


POSTS = (
    "plan", "post", "owner", "tasks", "place", "year", "fte", "eur", "programme", "start", "end", "afterwards",
)  # fmt: skip


def plan_tables(found: Found) -> dict[str, pd.DataFrame]:
    """Return for all plans: responsibilities by task, posts by year, euros by year and payer."""
    asked = found.asked
    leads: list[dict[str, Any]] = []
    posts: list[dict[str, Any]] = []
    euros: list[dict[str, Any]] = []
    for name, plan in found.plans.items():
        leads += [{"plan": name, **row} for row in responsibilities(plan, asked.region, asked.variant.rule)]
        for post in plan.post:
            years: dict[int, float] = {}
            for first, last, shares in phases_of(plan, post, asked.region, asked.last):
                for year, months in months_by_year(first, last).items():
                    fte = post.fte * months / 12
                    years[year] = years.get(year, 0.0) + fte
                    euros += [
                        {"plan": name, "year": year, "payer": payer, "eur": fte * found.space.post_cost_eur * share}
                        for payer, share in shares.items()
                    ]
            posts += [
                {"plan": name, "post": post.title, "owner": post.owner, "tasks": ";".join(post.tasks),
                 "place": ";".join(post.place), "year": year, "fte": fte, "eur": fte * found.space.post_cost_eur,
                 "programme": post.programme, "start": post.start or plan.start, "end": post.end,
                 "afterwards": post.afterwards if post.programme else ""}
                for year, fte in years.items()
            ]  # fmt: skip
    columns = ("plan", "year", "payer", "eur")
    by_payer_year: Any = pd.DataFrame(euros, columns=pd.Index(columns))
    by_payer_year = by_payer_year.groupby(list(columns[:3]), sort=False)["eur"].sum().reset_index()
    return {
        "responsibilities": pd.DataFrame(leads, columns=pd.Index(["plan", "task", "place", "lead", "by"])),
        "posts": pd.DataFrame(posts, columns=pd.Index(POSTS)),
        "euros": by_payer_year,
    }


def responsibilities(plan: Plan, region: Region, rule_before: str) -> list[dict[str, Any]]:
    """Return for each task who is responsible under a plan: the named lead, or what the rule says."""
    field = load_field(region.field)
    rule = plan.rule or ("lead_agency" if plan.lead else rule_before)
    rows: list[dict[str, Any]] = []
    for task in field.task_ids:
        named = [lead for lead in plan.lead if lead.task == task]
        rows += [{"task": task, "place": ";".join(lead.place), "lead": lead.owner, "by": "named"} for lead in named]
        if not any(EVERYWHERE in lead.place for lead in named):
            rows.append({"task": task, "place": "elsewhere" if named else EVERYWHERE, "lead": "", "by": rule})
    return rows


def need_tables(found: Found) -> dict[str, pd.DataFrame]:
    """Return inventory, needs by task with and without each plan, gaps of the register, and its expiry calendar."""
    asked = found.asked
    region, field = asked.region, load_field(asked.region.field)
    rows: list[dict[str, Any]] = []
    for name in (STATUS_QUO, *found.plans):
        for task in field.task_ids:
            figures = np.mean([outcome.tasks[task] for outcome in found.fresh[name]], axis=0).tolist()
            rows.append({"plan": name, "task": task, **dict(zip(TASK_FIGURES, figures, strict=True))})
    return {
        "needs": pd.DataFrame(rows),
        "inventory": inventory(region, asked.first),
        "inventory_by_level": by_level(inventory(region, asked.first)),
        "inventory_by_task": by_task(region, asked.first, field.task_ids),
        "inventory_by_payer": by_payer(region, asked.first),
        "gaps": register_cells(region, field, asked.first),
        "expiry": expiry_calendar(region, asked.first, asked.last),
        "cliff": cliff_by_year(region, asked.last),
    }


__all__ = ["need_tables", "place_words", "plan_tables", "responsibilities"]
