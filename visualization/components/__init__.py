"""Small native controls and blocks of the pages: everything reachable by keyboard, everything with a name.

Each is one .vue file. A page is made of few of them: `Html` for text and tables, `Figure` for a chart, the controls
below for choices. Event functions take what the reader chose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import solara

from ..findings.cache import once
from ..formats import Formats
from ..markup import table, unbroken

if TYPE_CHECKING:
    from ..charts.chart import Chart, Table
    from ..context import Context

type Event = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class _Whole:
    """Data that is handed to the browser as it is: the renderer does not search it for elements."""

    value: Any


def _opened(value: Any, _widget: object) -> Any:
    return value.value if isinstance(value, _Whole) else value


def _control[**P](file: str, *data: str) -> Callable[[Callable[P, None]], Callable[P, solara.Element]]:
    """Return a decorator for the component of a .vue file; the arguments named in `data` are lists and mappings."""

    def decorate(function: Callable[P, None]) -> Callable[P, solara.Element]:
        made = solara.component_vue(file, to_json=dict.fromkeys(data, _opened))(function)

        @wraps(function)
        def component(*args: P.args, **given: P.kwargs) -> solara.Element:
            return made(*args, **{name: _Whole(value) if name in data else value for name, value in given.items()})  # pyright: ignore[reportCallIssue]

        return component

    return decorate


@solara.component_vue("html.vue")
def _HtmlBlock(content: str = "", event_pick: Event | None = None):
    """A block of HTML; `pick` is called with the data-key of what was clicked."""


@solara.component_vue("figure.vue")
def _FigureBlock(
    svg: str = "",
    title: str = "",
    sentence: str = "",
    table: str = "",
    show_table: str = "",
    note: str = "",
    event_pick: Event | None = None,
):
    """A chart with its title, its sentence and its table."""


@_control("select.vue", "options")
def Select(
    label: str = "",
    value: str = "",
    options: Sequence[Mapping[str, Any]] = (),
    hint: str = "",
    compact: bool = False,
    event_change: Event | None = None,
):
    """A native list of choices: options are {value, label, disabled?}; `change` gets the value."""


@_control("slider.vue", "marks")
def Slider(
    label: str = "",
    value: float = 0,
    low: float = 0,
    high: float = 1,
    step: float = 1,
    shown: str = "",
    marks: Sequence[str] = (),
    event_change: Event | None = None,
):
    """A native slider; `shown` is the value in words, `marks` the words of every position when there are few."""


@_control("radio.vue", "options")
def Radio(
    label: str = "",
    value: str = "",
    options: Sequence[Mapping[str, Any]] = (),
    event_change: Event | None = None,
):
    """A group of native radio buttons: options are {value, label, hint?}."""


@solara.component_vue("check.vue")
def Check(label: str = "", value: bool = False, hint: str = "", event_change: Event | None = None):
    """A native checkbox."""


@solara.component_vue("button.vue")
def Button(
    label: str = "",
    kind: str = "plain",
    pressed: bool | None = None,
    disabled: bool = False,
    hint: str = "",
    event_press: Event | None = None,
):
    """A button with words on it; `kind` is plain, strong or quiet; `pressed` makes it a switch."""


@solara.component_vue("number.vue")
def Number(
    label: str = "",
    value: float = 0,
    low: float = 0,
    high: float = 1,
    step: str = "any",
    hint: str = "",
    refused: str = "",
    event_change: Event | None = None,
):
    """A native field for a number within a range; what lies outside is not passed on, and `refused` says so."""


@solara.component_vue("upload.vue")
def Upload(
    label: str = "",
    accept: str = "",
    max_bytes: int = 2_000_000,
    too_large: str = "",
    hint: str = "",
    event_file: Event | None = None,
):
    """A native field for one text file; `file` gets {name, content}. The server checks size and content again."""


@solara.component_vue("download.vue")
def _DownloadBlock(
    label: str = "",
    hint: str = "",
    filename: str = "",
    mime: str = "",
    content: bytes | None = None,
    serial: int = 0,
    busy: bool = False,
    event_press: Event | None = None,
):
    """A button that asks for a file and saves it when it comes."""


@solara.component_vue("ticker.vue")
def Ticker(interval: int = 700, running: bool = True, beat: int = 0, event_tick: Event | None = None):
    """Nothing to see: calls `tick` every `interval` milliseconds, never before the last answer (`beat`) arrived."""


@solara.component_vue("play.vue")
def Play(
    label: str = "",
    value: int = 0,
    low: int = 0,
    high: int = 1,
    step: int = 1,
    shown: str = "",
    play: str = "",
    pause: str = "",
    interval: int = 600,
    event_change: Event | None = None,
):
    """A slider over months with a button that moves it on; `change` gets the position."""


@solara.component_vue("document.vue")
def Document(
    language: str = "de",
    presenter: bool = False,
    event_turn: Event | None = None,
):
    """Nothing to see: the page's language, larger type and arrow keys for the presenter."""


@solara.component_vue("heading.vue")
def Heading(text: str = "", note: str = "", screen: str = ""):
    """The first heading of a screen; the focus goes there when the screen changes."""


@_control("header.vue", "words", "places", "links")
def Header(
    words: Mapping[str, str] = {},
    language: str = "de",
    place: str = "",
    places: Sequence[Mapping[str, str]] = (),
    changed: bool = False,
    run_number: str = "",
    presenter: bool = False,
    links: Mapping[str, str] = {},
    event_set: Event | None = None,
):
    """The top of every screen."""


@_control("navigation.vue", "entries")
def Navigation(
    label: str = "",
    entries: Sequence[Mapping[str, Any]] = (),
    event_set: Event | None = None,
):
    """The list of screens: real links, so that they can be opened beside one another."""


@_control("levers.vue", "words", "variants")
def Levers(
    words: Mapping[str, str] = {},
    variants: Sequence[Mapping[str, Any]] = (),
    event_set: Event | None = None,
):
    """Variant A and variant B: for each a list of rules, one of instruments, and the strength."""


@solara.component_vue("progress.vue")
def Progress(
    label: str = "",
    done: int = 0,
    total: int = 0,
    shown: str = "",
    cancel: str = "",
    event_stop: Event | None = None,
):
    """A bar that says how far a computation is, with a button to stop it."""


def Html(content: str, *, on_pick: Event | None = None):
    """Show HTML; build it with `markup`, which escapes. Shapes and rows with `data-key` call `on_pick`."""
    return _HtmlBlock(content=unbroken(str(content)), event_pick=on_pick)


def Figure(context: Context, chart: Chart, *, note: str = "", on_pick: Event | None = None):
    """Show a chart: title, picture, sentence, and its table behind 'Als Tabelle zeigen'.

    A click (or Enter) on a shape with `data-key` calls `on_pick` with the key.
    """
    return _FigureBlock(
        svg=chart.svg,
        title=chart.title,
        sentence=chart.sentence,
        table=_table_of(chart.table, chart.title, context.language),
        show_table=context.text("frame.show_table"),
        note=note,
        event_pick=on_pick,
    )


def _table_of(shown: Table, caption: str, language: str) -> str:
    """Return a chart's numbers as an HTML table; kept, because writing a thousand numbers takes a tenth of a second."""
    return once(("chart", shown, caption, language), lambda: _written(shown, caption, language))


def _written(shown: Table, caption: str, language: str) -> str:
    formats = Formats(language)
    numbers = {n for row in shown.rows for n, value in enumerate(row) if isinstance(value, int | float)}
    rows = [
        [value if isinstance(value, str) else formats.full(value, shown.unit(n)) for n, value in enumerate(row)]
        for row in shown.rows
    ]
    return str(table(shown.columns, rows, caption=caption, right=numbers))


def Download(
    label: str,
    *,
    filename: str,
    mime: str,
    content: bytes | None,
    serial: int,
    busy: bool,
    on_press: Event,
    hint: str = "",
):
    """Show a button for a file; `serial` counts up each time new `content` is ready to be saved."""
    return _DownloadBlock(
        label=label,
        hint=hint,
        filename=filename,
        mime=mime,
        content=content,
        serial=serial,
        busy=busy,
        event_press=on_press,
    )
