"""The master plan as a paper: what is there, what is needed, what each plan decides, adds, costs and rests on.

    pages = sections(read_folder("plans"), load_region("coburg"), "de")
    write_whole(Path("masterplan_de.pdf"), paper(read_folder("plans"), load_region("coburg"), "de"))

The screen shows the same sections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ...model.calendar import month_index
from ...model.field import load_field
from ..charts.bars import Series, bars
from ..charts.calendar import Ending, calendar
from ..markup import joined, markup, table
from ..texts import has_text
from .masterplan_plan import about_plan, paragraph
from .masterplan_words import Words
from .pdf import PAPER_CSS, document, pdf

if TYPE_CHECKING:
    from ...experiments.masterplan.folder import PlanFolder
    from ...model.region import Region

_CSS = (
    "td.kl-number, th.kl-number { text-align: right; font-variant-numeric: tabular-nums; }\n"
    "table { font-size: 8pt; line-height: 1.25; } th, td { padding: 0.7mm 1.2mm; } h3 { break-after: avoid; }\n"
    ".kl-verdict { display: block; } ul, table { break-inside: avoid; } .long table { break-inside: auto; }\n"
)
_LIMITS = 6
_MOST_NEEDED = 10
_TEXT_WIDTH_MM = 165
_VIEW = re.compile(r'viewBox="\S+ \S+ (\S+) (\S+)"')
_SIDES = re.compile(r' (?:width|height|style)="[^"]*"')


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the paper; `plan` names the plan it is about, empty for what concerns all."""

    title: str
    body: Markup
    plan: str = ""


def paper(folder: PlanFolder, region: Region, language: str) -> bytes:
    """Return the paper as a tagged PDF; raises KreislaufError when the libraries for it are missing."""
    return pdf(page(folder, region, language))


def page(folder: PlanFolder, region: Region, language: str) -> str:
    """Return the paper as an HTML page."""
    words = Words.of(folder, region, language)
    title = headline(folder, region, words)
    parts = [markup("<h1>{}</h1><p>{}</p>", title, period(folder, words))]
    parts += [markup("<h2>{}</h2>{}", section.title, section.body) for section in sections(folder, region, language)]
    foot = words.say("foot", region=_title(region, language))
    body = markup('<div class="foot">{}</div>{}', foot, joined(parts))
    return document(str(body), title=title, language=language, css=PAPER_CSS + _CSS)


def headline(folder: PlanFolder, region: Region, words: Words) -> str:
    """Return the title of the paper."""
    language = words.formats.language
    field = load_field(folder.manifest["inputs"]["region"]["field"])
    name = field.title_de if language == "de" else field.title_en
    return words.say("paper_title", region=_title(region, language), field=name)


def period(folder: PlanFolder, words: Words) -> str:
    """Return period and budget in a sentence."""
    asked = folder.manifest["inputs"]
    months = {name: words.formats.month(asked[name]) for name in ("first", "last")}
    return words.say("period", **months, budget=words.formats.euro(asked["budget_eur"]))


def sections(folder: PlanFolder, region: Region, language: str) -> list[Section]:
    """Return the parts of the paper in order; with no plan to show, what is there and needed stays."""
    words = Words.of(folder, region, language)
    found = [Section(words.say("short"), _short(folder, words))]
    if "deviations" in folder.tables:
        found.append(Section(words.say("pilot"), _pilot(folder, words)))
    first = folder.manifest["inputs"]["first"]
    found += [
        Section(words.say("inventory", month=words.formats.month(first)), _inventory(folder, words)),
        Section(words.say("needs"), _needs(folder, words)),
        Section(words.say("gaps"), _gaps(folder, region, words)),
    ]
    found += [
        Section(words.plan(name), about_plan(folder, name, words), plan=name) for name in folder.manifest["plans"]
    ]
    limits = joined(markup("<li>{}</li>", words.say(f"limit_{number + 1}")) for number in range(_LIMITS))
    found.append(Section(words.say("limits"), markup("<ul>{}</ul>", limits)))
    found.append(Section(words.say("how"), _how(folder, region, words)))
    return found


# ---- the parts ---------------------------------------------------------------------------------------------------


def _short(folder: PlanFolder, words: Words) -> Markup:
    """Return the findings in sentences and all plans beside the baseline."""
    manifest, formats = folder.manifest, words.formats
    names = manifest["plans"]
    parts = []
    if not names:
        parts.append(markup('<p class="lead"><strong>{}</strong></p>', words.say("none_found")))
    else:
        if not manifest["better"]:
            parts.append(markup('<p class="lead"><strong>{}</strong></p>', words.say("none_sure")))
        rest = [name for name in names if name not in (*manifest["better"], *manifest["trades"])]
        worse = [name for name in rest if name in _surely_worse(folder)]
        still_open = [name for name in rest if name not in worse]
        for key, chosen in (
            ("some_sure", manifest["better"]),
            ("trades", manifest["trades"]),
            ("worse_only", worse),
            ("open_only", still_open),
        ):
            if chosen:
                parts.append(paragraph(words.say(key, plans=formats.listing([words.plan(name) for name in chosen]))))
        if manifest["ties"]:
            pairs = [formats.listing([words.plan(name) for name in pair]) for pair in manifest["ties"]]
            parts.append(paragraph(words.say("tied", pairs="; ".join(pairs))))
        parts += [paragraph(words.say("order")), _comparison(folder, words)]
    parts.append(markup('<p class="note">{}</p>', words.say("sure", n=manifest["effort"]["fresh"])))
    return joined(parts)


def _surely_worse(folder: PlanFolder) -> set[str]:
    """Return the plans that are surely worse in a goal."""
    rows: Any = folder.tables["differences"]
    return set(rows.loc[(rows["goal"].astype(str) == "True") & (rows["verdict"] == "worse"), "plan"])


def _comparison(folder: PlanFolder, words: Words) -> Markup:
    """Return one row per goal, one column per plan: the difference to the baseline and how sure it is."""
    found: Any = folder.tables["differences"]
    goals: Any = found[found["goal"].astype(str) == "True"]
    names = folder.manifest["plans"]
    rows = []
    for measure in folder.manifest["inputs"]["goals"]:
        mine = goals[goals["measure"] == measure].set_index("plan")
        cells: list[object] = [words.goal_with_unit(measure)]
        before = mine["mean"].iloc[0] - mine["difference"].iloc[0]
        cells.append(words.value(measure, float(before)))
        for name in names:
            row = mine.loc[name]
            said = words.say(f"verdict_{row['verdict']}")
            number = words.bare(measure, float(row["difference"]))
            cells.append(markup('{}<span class="kl-verdict">{}</span>', number, said))
        rows.append(cells)
    heads = [words.say("goal"), words.say("baseline"), *(words.plan(name) for name in names)]
    return table(heads, rows, caption=words.say("difference"), right=range(1, len(heads)))


def _pilot(folder: PlanFolder, words: Words) -> Markup:
    """Return what was observed against what the model says."""
    rows: Any = folder.tables["deviations"]
    asked = folder.manifest["inputs"]
    outside = rows["outside"].astype(str) == "True"
    lead = words.say(
        "pilot_lead", date=words.formats.month(asked["first"]), plan=asked["decided"], outside=int(outside.sum()),
        all=len(rows),
    )  # fmt: skip
    cells = [
        (
            words.formats.month(month_index(row["month"]), short=True), words.goal(row["measure"]),
            words.say("region_word") if row["place"] == "region" else words.places.get(str(row["place"]), row["place"]),
            words.value(row["measure"], row["observed"]), words.value(row["measure"], row["simulated"]),
            words.change(row["measure"], row["deviation"]), words.interval(row["measure"], row["low"], row["high"]),
            words.say("outside" if str(row["outside"]) == "True" else "inside"),
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip
    keys = ("month", "figure", "place", "observed", "simulated", "difference", "by_chance", "verdict")
    heads = [words.say(key) for key in keys]
    warning = paragraph(words.say("pilot_warning")) if outside.any() else ""
    return joined([paragraph(lead), table(heads, cells, right=(3, 4, 5, 6)), warning])


def _inventory(folder: PlanFolder, words: Words) -> Markup:
    """Return the structures by level, and what ends when."""
    levels: Any = folder.tables["inventory_by_level"]
    formats = words.formats
    lead = words.say(
        "inventory_lead", offices=int(levels["offices"].sum()), fte=formats.number(float(levels["fte"].sum()), 1),
        fixed=formats.number(float(levels["fixed_term_fte"].sum()), 1),
    )  # fmt: skip
    rows = [
        (words.say(f"level.{row['level']}"), int(row["offices"]), formats.number(row["fte"], 1),
         formats.euro(row["eur_per_year"]), formats.number(row["fixed_term_fte"], 1))
        for row in levels.to_dict("records")
    ]  # fmt: skip
    heads = [words.say(key) for key in ("level_column", "offices", "fte", "euros", "fixed_fte")]
    expiry: Any = folder.tables["expiry"]
    endings = [
        Ending(
            int(row["month"]),
            words.payer(str(row["payers"]).split(" ")[0].rstrip(",")),
            float(row["fte"]),
            str(row["name"]),
        )
        for row in expiry.to_dict("records")
        if float(row["fte"]) > 0
    ]
    parts = [paragraph(lead), table(heads, rows, caption=words.say("offices"), right=(1, 2, 3, 4))]
    parts.append(markup("<h3>{}</h3>", words.say("expiry")))
    if endings:
        asked = folder.manifest["inputs"]
        chart = calendar(
            endings, first=asked["first"], last=asked["last"], title=words.say("expiry_title"), unit="FTE",
            formats=formats, every=12,
        )  # fmt: skip
        parts.append(_figure(chart.svg, chart.title))
    else:
        parts.append(paragraph(words.say("expiry_none")))
    return joined(parts)


def _largest_payer(shares: str, words: Words) -> str:
    """Return who pays most of what an inventory writes as `land 67 %, carrier 33 %`."""
    parts = [part.split(" ") for part in shares.split(", ")]
    return words.payer(max(parts, key=lambda part: float(part[1]) if len(part) > 1 else 100.0)[0])


def _needs(folder: PlanFolder, words: Words) -> Markup:
    """Return the work left undone by task, with the first plan beside the baseline."""
    rows: Any = folder.tables["needs"]
    names = folder.manifest["plans"][:1]
    base: Any = rows[rows["plan"] == "status_quo"].sort_values("unmet", ascending=False)
    base = base.head(_MOST_NEEDED)
    order = [str(task) for task in base["task"]]
    series = [Series(words.say("baseline"), tuple(map(float, base["unmet"])), kind="baseline")]
    for name in names:
        own: Any = rows[rows["plan"] == name].set_index("task")
        series.append(Series(words.plan(name), tuple(float(own.loc[task, "unmet"]) for task in order)))
    chart = bars(
        [words.task(task) for task in order], series, title=words.say("needs_title"), unit="hours",
        formats=words.formats,
    )  # fmt: skip
    letter = names[0].rpartition("_")[2].upper() if names else ""
    lead = words.say("needs_lead", letter=letter) if names else words.say("needs_lead_alone")
    return joined([paragraph(lead), _figure(chart.svg, chart.title, 135)])


def _gaps(folder: PlanFolder, region: Region, words: Words) -> Markup:
    """Return where the register has nobody, and the cases nobody looked after."""
    rows: Any = folder.tables["gaps"]
    rows = rows[(rows["uncovered"] > 0) | (rows["only_volunteers"] > 0)]
    rows = rows.sort_values(["uncovered", "only_volunteers"], ascending=False)
    cells = [
        (words.task(row["task"]), _group(str(row["group"]), words), int(row["uncovered"]), int(row["only_volunteers"]),
         int(row["several"]))
        for row in rows.to_dict("records")
    ]  # fmt: skip
    first = folder.manifest["inputs"]["first"]
    lead = words.say("gaps_lead", month=words.formats.month(first), places=len(region.keys))
    heads = [words.say(key) for key in ("task", "group", "uncovered", "only_volunteers", "several")]
    needs: Any = folder.tables["needs"]
    held: Any = needs[(needs["plan"] == "status_quo") & (needs["unheld"] >= 0.5)].sort_values("unheld", ascending=False)
    unheld = [(words.task(row["task"]), words.formats.number(row["unheld"], 0)) for row in held.to_dict("records")]
    parts = [paragraph(lead), table(heads, cells, right=(2, 3, 4))]
    if unheld:
        parts.append(
            table([words.say("task"), words.say("runs_of_cases")], unheld, caption=words.say("unheld"), right=(1,))
        )
    return joined(parts)


def _group(name: str, words: Words) -> str:
    return words.say(f"group_names.{name}") if has_text(f"masterplan.group_names.{name}") else name.replace("_", " ")


def _how(folder: PlanFolder, region: Region, words: Words) -> Markup:
    """Return what was evaluated, step by step, and how to repeat it."""
    manifest, formats = folder.manifest, words.formats
    runs, seconds = (float(sum(stage[key] for stage in manifest["stages"])) for key in ("runs", "seconds"))
    lead = words.say(
        "how_lead", tried=len(folder.tables["tried"]), levers=manifest["space"]["levers"],
        choices=_size(manifest["space"]["choices"], words), runs=formats.number(runs, 0),
        minutes=formats.number(seconds / 60.0, 1),
    )  # fmt: skip
    rows = [
        (words.say(f"stage_names.{stage['stage'].split(' ')[0]}"), stage["plans"], stage["runs"],
         formats.number(stage["seconds"], 0))
        for stage in manifest["stages"]
    ]  # fmt: skip
    heads = [words.say(key) for key in ("stage", "plans", "runs", "seconds")]
    parts = [paragraph(lead), table(heads, rows, right=(1, 2, 3))]
    if manifest["dominated_on_fresh_seeds"]:
        names = formats.listing([words.plan(name) for name in manifest["dominated_on_fresh_seeds"]])
        parts.append(paragraph(words.say("dropped", plans=names)))
    command = " ".join(manifest["command"])
    parts.append(markup('<p class="note">{}</p>', words.say("reproduce", region=region.name, command=command)))
    return joined(parts)


def _size(choices: float, words: Words) -> str:
    """Return a number of choices people can grasp."""
    if choices < 1e6:
        return words.formats.number(choices, 0)
    power = len(f"{choices:.0f}") - 1
    return f"10 hoch {power}" if words.formats.language == "de" else f"10 to the power of {power}"


def _figure(svg: str, title: str, wide: float = _TEXT_WIDTH_MM) -> Markup:
    """Return a chart in the width of the paper's text; WeasyPrint needs both sides said."""
    found = _VIEW.search(svg)
    if found is not None:
        width, height = float(found[1]), float(found[2])
        head, bracket, rest = svg.partition(">")
        sides = f' width="{wide}mm" height="{wide * height / width:.1f}mm"'
        svg = _SIDES.sub("", head) + sides + bracket + rest
    return markup("<figure>{}<figcaption>{}</figcaption></figure>", Markup(svg), title)


def _title(region: Region, language: str) -> str:
    return region.title_de if language == "de" else region.title_en
