"""The part of the paper about one plan: what it decides, who pays, what each measure adds, what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..markup import joined, markup, table
from .masterplan_words import capital, decisions

if TYPE_CHECKING:
    from markupsafe import Markup

    from ...experiments.masterplan.folder import PlanFolder
    from ...model.plan import Plan, Post
    from .masterplan_words import Words

_SHOWN_YEARLY = ("posts", "unmet_hours", "operational_gap_share", "net_municipality", "net_district")


def paragraph(sentence: str) -> Markup:
    """Return a paragraph."""
    return markup("<p>{}</p>", sentence)


def about_plan(folder: PlanFolder, name: str, words: Words) -> Markup:
    """Return everything about one plan."""
    plan = folder.plans[name]
    blocks = (
        ("decides", _decides(plan, words)),
        ("difference", _goals(folder, name, words)),
        ("responsibilities", _responsibilities(folder, name, words)),
        ("posts", _posts(folder, name, words)),
        ("contributions", _contributions(folder, name, plan, words)),
        ("project_money", _project_money(folder, name, plan, words)),
        ("robust", _robust(folder, name, words)),
        ("assumptions", _assumptions(folder, name, words)),
    )
    return joined(markup("<h3>{}</h3>{}", words.say(key), body) for key, body in blocks)


def _decides(plan: Plan, words: Words) -> Markup:
    lines = decisions(plan, words) + [_post_words(post, plan, words) for post in plan.post]
    return markup("<ul>{}</ul>", joined(markup("<li>{}</li>", line) for line in lines))


def _post_words(post: Post, plan: Plan, words: Words) -> str:
    """Return a post in words: task, employer, size, place, from when to when, who pays when not its employer."""
    tasks = words.formats.listing([words.task(task) for task in post.tasks])
    fte = words.say("fte_of", n=words.formats.number(post.fte, 2))
    parts = [f"{capital(tasks)}: {fte}, {words.owner(post.owner)}"]
    parts.append(words.place(post.place))
    first, last = plan.span_of(post)
    month = words.formats.month
    span = {"first": month(first), "last": month(last) if last is not None else ""}
    parts.append(words.say("from_on" if last is None else "from_to", **span))
    if post.programme:
        after = words.say(f"after_{post.afterwards}")
        parts.append(words.say("paid_by_programme", programme=words.programme(post.programme), after=after))
    return "; ".join(parts)


def _goals(folder: PlanFolder, name: str, words: Words) -> Markup:
    """Return the goals of a plan against the baseline with their intervals."""
    found: Any = folder.tables["differences"]
    mine = found[(found["plan"] == name) & (found["goal"].astype(str) == "True")]
    rows = [
        (words.goal_with_unit(row["measure"]), words.value(row["measure"], row["mean"] - row["difference"]),
         words.value(row["measure"], row["mean"]), words.bare(row["measure"], row["difference"]),
         words.interval(row["measure"], row["low"], row["high"]), words.say(f"verdict_{row['verdict']}"))
        for row in mine.to_dict("records")
    ]  # fmt: skip
    heads = [words.say(key) for key in ("goal", "baseline", "plan", "difference", "interval", "verdict")]
    return table(heads, rows, caption=words.plan(name), right=(1, 2, 3, 4))


def _responsibilities(folder: PlanFolder, name: str, words: Words) -> Markup:
    rows: Any = folder.tables["responsibilities"]
    mine = rows[rows["plan"] == name]
    named = mine[mine["by"] == "named"]
    if not len(named):
        return paragraph(words.say("by_rule", rule=words.rule(str(mine["by"].iloc[0]))))
    cells = [
        (words.task(row["task"]), words.place(str(row["place"]).split(";")), capital(words.owner(str(row["lead"]))))
        for row in named.to_dict("records")
    ]
    heads = [words.say(key) for key in ("task", "where", "lead")]
    found = table(heads, cells)
    return joined([found, paragraph(words.say("others_by_rule"))])


def _posts(folder: PlanFolder, name: str, words: Words) -> Markup:
    """Return posts and euros by year, euros by payer."""
    formats = words.formats
    posts: Any = folder.tables["posts"]
    mine: Any = posts[posts["plan"] == name]
    if not len(mine):
        return paragraph(words.say("no_posts"))
    years = sorted({int(year) for year in mine["year"]})
    rows = []
    for title, part in mine.groupby("post", sort=False):
        by_year = part.groupby("year")["fte"].sum()
        tasks = formats.listing([words.task(task) for task in str(part["tasks"].iloc[0]).split(";")])
        label = f"{capital(tasks)} ({words.owner(str(part['owner'].iloc[0]))})" if "-" in str(title) else str(title)
        rows.append((label, *(formats.number(float(by_year.get(year, 0.0)), 2) for year in years)))
    numbers = range(1, len(years) + 1)
    heads = [words.say("post"), *map(str, years)]
    first = table(heads, rows, caption=words.say("posts_caption"), right=numbers)
    euros: Any = folder.tables["euros"]
    paid = euros[euros["plan"] == name].pivot_table(index="payer", columns="year", values="eur", aggfunc="sum")
    cells = [
        (words.payer(str(payer)), *(formats.euro(float(row.get(year, 0.0) or 0.0)) for year in years))
        for payer, row in paid.fillna(0.0).iterrows()
    ]
    second = table([words.say("who_pays"), *map(str, years)], cells, caption=words.say("payers_caption"), right=numbers)
    return joined([first, second])


def _contributions(folder: PlanFolder, name: str, plan: Plan, words: Words) -> Markup:
    """Return what each measure adds to the goals, with interval."""
    rows: Any = folder.tables.get("contributions")
    mine: Any = rows[rows["plan"] == name] if rows is not None and len(rows) else None
    if mine is None or not len(mine):
        return paragraph(words.say("contributions_none"))
    cells: list[tuple[object, ...]] = []
    for lever, part in mine.groupby("lever", sort=False):
        sure = part[part["verdict"].isin(["better", "worse"])]
        unsure = [words.goal(goal) for goal in part.loc[~part.index.isin(sure.index), "measure"]]
        name_of = words.lever(str(lever), plan)
        for row in sure.to_dict("records"):
            cells.append(
                (name_of, words.goal(row["measure"]), words.change(row["measure"], row["difference"]),
                 words.interval(row["measure"], row["low"], row["high"]), words.say(f"verdict_{row['verdict']}"))
            )  # fmt: skip
            name_of = ""
        if unsure:
            cells.append((name_of, words.formats.listing(unsure), "", "", words.say("verdict_open")))
    heads = [words.say(key) for key in ("measure", "goal", "difference", "interval", "verdict")]
    lead = paragraph(words.say("contributions_lead"))
    return joined([lead, markup('<div class="long">{}</div>', table(heads, cells, right=(2, 3), heads=False))])


def _project_money(folder: PlanFolder, name: str, plan: Plan, words: Words) -> Markup:
    """Return which posts depend on project money, what comes after it, and, where computed, what its end does."""
    depends = [post for post in plan.post if post.end or post.programme]
    if not depends:
        return paragraph(words.say("project_money_none"))
    cost = float(folder.manifest["space"]["post_cost_eur"])
    listed = table(
        [words.say(key) for key in ("post", "hangs_on", "afterwards")],
        [_dependence(post, plan, cost, words) for post in depends],
        caption=words.say("depends"),
    )
    rows: Any = folder.tables.get("project_money")
    mine: Any = rows[rows["plan"] == name] if rows is not None and len(rows) else None
    if mine is None or not len(mine):
        goes_on = all(post.programme and post.afterwards == "own" and not post.end for post in depends)
        return joined([listed, paragraph(words.say("project_money_own" if goes_on else "project_money_untried"))])
    cells = []
    for row in mine.to_dict("records"):
        if row["measure"] in _SHOWN_YEARLY and abs(row["difference"]) > 0:
            level: dict[str, str] = {"net_municipality": "net_cost_municipalities", "net_district": "net_cost_district"}
            measure = level.get(row["measure"], str(row["measure"]))
            cells.append(
                (str(int(row["year"])), words.goal(measure), words.value(measure, row["as_planned"]),
                 words.value(measure, row["carried_on"]), words.change(measure, row["difference"]),
                 words.interval(measure, row["low"], row["high"]))
            )  # fmt: skip
    if not cells:
        return joined([listed, paragraph(words.say("project_money_same"))])
    heads = [words.say(key) for key in ("year", "figure", "as_planned", "carried_on", "difference", "interval")]
    lead = paragraph(words.say("project_money_lead"))
    return joined([listed, lead, table(heads, cells, right=(2, 3, 4, 5))])


def _dependence(post: Post, plan: Plan, cost: float, words: Words) -> tuple[str, str, str]:
    """Return a post, the term or programme it depends on, and what comes after; `cost` is EUR a year and FTE."""
    tasks = words.formats.listing([words.task(task) for task in post.tasks])
    last = plan.span_of(post)[1]
    on = [words.say("programme_renewed", programme=words.programme(post.programme))] if post.programme else []
    on += [words.say("term_until", month=words.formats.month(last))] if last is not None else []
    own = bool(post.programme) and post.afterwards == "own" and last is None
    after = words.say("then_own", euros=words.formats.euro(post.fte * cost)) if own else words.say("then_ends")
    return f"{capital(tasks)} ({words.owner(post.owner)})", "; ".join(on), after


def _robust(folder: PlanFolder, name: str, words: Words) -> Markup:
    rows: Any = folder.tables["robustness"]
    mine: Any = rows[rows["plan"] == name] if len(rows) else rows
    if not len(mine):
        return paragraph(words.say("robust_none"))
    many = int(mine["futures"].max())
    cells = [
        (words.goal(row["measure"]), words.formats.percent(row["as_good_share"], 0),
         words.amount(row["measure"], row["largest"]))
        for row in mine.to_dict("records")
    ]  # fmt: skip
    heads = [words.say(key) for key in ("goal", "as_good", "regret")]
    lead = paragraph(words.say("robust_lead", n=many))
    return joined([lead, table(heads, cells, right=(1, 2))])


def _assumptions(folder: PlanFolder, name: str, words: Words) -> Markup:
    """Return the assumptions that turn the sign of a goal."""
    rows: Any = folder.tables.get("assumptions")
    mine: Any = rows[rows["plan"] == name] if rows is not None and len(rows) else None
    if mine is None or not len(mine):
        return paragraph(words.say("assumptions_untried"))
    turning = mine[mine["flips"].astype(str) == "True"]
    if not len(turning):
        return paragraph(words.say("assumptions_none", n=mine["parameter"].nunique()))
    formats = words.formats
    cells = [
        (words.parameter(str(row["parameter"])),
         f"{formats.number(row['low'])} – {formats.number(row['high'])} ({formats.number(row['value'])})",
         words.goal(row["measure"]), words.change(row["measure"], row["difference_low"]),
         words.change(row["measure"], row["difference_high"]), formats.number(row["threshold"]))
        for row in turning.to_dict("records")
    ]  # fmt: skip
    heads = [words.say(key) for key in ("parameter", "range", "goal", "low_end", "high_end", "threshold")]
    lead = paragraph(words.say("assumptions_lead"))
    return joined([lead, table(heads, cells, right=(1, 3, 4, 5))])
