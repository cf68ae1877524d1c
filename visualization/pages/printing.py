"""Print: the annex for a council paper as PDF, its tables as CSV and Excel, a page for a newsletter, and the link."""

from __future__ import annotations

import io
import threading
import zipfile
from typing import TYPE_CHECKING, Any

import solara

from ..components import Download, Html
from ..markup import joined, markup, table
from ..report.annex import annex
from ..report.newsletter import newsletter
from ..report.paper import annex_pdf
from ..report.spreadsheets import csv_files, xlsx
from ..safe import error_box, safe

if TYPE_CHECKING:
    from markupsafe import Markup

    from ..context import Context

FORMS = {
    "pdf": ("pdf", "application/pdf"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("zip", "application/zip"),
    "html": ("html", "text/html"),
}
_EPOCH = (2015, 1, 1, 0, 0, 0)


@safe
def Page(context: Context) -> None:
    """Show what would be printed, and a button for each form."""
    say = context.text
    Html(joined((markup('<p class="kl-lead">{}</p>', say("print.lead")), _summary(context))))
    with solara.Div(classes=["kl-pairs"]):
        for form in FORMS:
            File(context, form)
    Html(
        markup(
            '<h2>{}</h2><p>{}</p><p class="kl-address"><a href="/?{}">{}</a></p><h2>{}</h2><p>{}</p>',
            say("print.link"),
            say("print.link_hint"),
            context.view.query(),
            "/?" + context.view.query(),
            say("print.limits"),
            say("print.limits_text"),
        )
    )


@safe
def File(context: Context, form: str) -> None:
    """Show the button for one form; the file is made while the page stays alive."""
    nothing: Any = (0, None)
    made, set_made = solara.use_state(nothing)
    busy, set_busy = solara.use_state(False)
    problem, set_problem = solara.use_state("")
    say = context.text
    ending, kind = FORMS[form]

    def work() -> None:
        try:
            content = contents(context, form)
        except Exception as error:  # told to the reader, with its number in the log
            set_problem(error_box(error, f"print {form}", context.language))
        else:
            set_problem("")
            set_made((made[0] + 1, content))
        set_busy(False)

    def begin(_: object) -> None:
        set_busy(True)
        threading.Thread(target=work, name=f"print-{form}", daemon=True).start()

    with solara.Div(classes=["kl-card"]):
        Html(markup("<h2>{}</h2><p>{}</p>", say(f"print.{form}"), say(f"print.{form}_text")))
        Download(
            say("print.making") if busy else say("print.save", form=say(f"print.{form}_short")),
            filename=filename(context, ending),
            mime=kind,
            content=made[1],
            serial=made[0],
            busy=busy,
            on_press=begin,
            hint=say("print.saved") if made[0] and not busy else "",
        )
        if problem:
            Html(problem)


def contents(context: Context, form: str) -> bytes:
    """Return the file of a form; raises KreislaufError when a library of the system is missing."""
    ensemble, baseline, choice, language = context.results, context.baseline, context.choice, context.language
    if form == "pdf":
        return annex_pdf(ensemble, baseline, choice, language=language)
    found = annex(ensemble, baseline, choice, language=language)
    if form == "xlsx":
        return xlsx(found)
    if form == "html":
        return newsletter(found).encode("utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in csv_files(found).items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    return packed.getvalue()


def filename(context: Context, ending: str) -> str:
    """Return a name that says what is in the file: region, variant, run number."""
    words = "anlage" if context.language == "de" else "annex"
    return f"{words}-{context.world.region.name}-{context.choice.key}-{context.results.run_number}.{ending}"


def _summary(context: Context) -> Markup:
    """Return what the paper is about, as a table of two columns."""
    say = context.text
    changed: Any = context.results.assumptions
    rows = [
        (say("frame.baseline"), context.label(context.baseline)),
        (say("frame.variant"), context.label(context.choice)),
        (say("print.runs"), say("print.runs_text", n=len(context.results.seeds))),
        (say("frame.run"), context.results.run_number),
        (say("print.assumptions"), say("print.changed", n=len(changed)) if changed else say("print.unchanged")),
    ]
    heads = (say("print.what"), say("print.which"))
    return table(heads, rows, caption=say("print.about"))
