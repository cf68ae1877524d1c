"""TOML files read strictly: every problem of a file at once, with its line and key, and the nearest known name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from .errors import InputError, Problem, closest

_TYPE_WORDS = {
    "bool_type": "true or false, without quotes",
    "dict_type": "a table of keys and values",
    "finite_number": "a finite number",
    "float_type": "a number, without quotes",
    "int_type": "a whole number, without quotes",
    "string_type": "a text in quotes",
}
_BOUND_WORDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class TomlSource:
    """The file an input came from: its name as shown to the user and its text, so that problems can name a line."""

    name: str
    text: str

    def line_of(self, path: Sequence[str]) -> int | None:
        """Return the line (from 1) of a key such as ("funding", "own_budget"), or None when it is not found."""
        tables, key = path[:-1], path[-1] if path else ""
        numbers = [int(part) for part in tables if part.isdigit()]
        if numbers:  # a row of an array of tables: [[post]] number 2
            return self._line_in_row([part for part in tables if not part.isdigit()], numbers[-1], key)
        header = ".".join(tables)
        inside, inline = not tables, None
        for number, line in enumerate(self.text.splitlines(), start=1):
            bare = line.split("#", 1)[0].strip()
            if bare.startswith("["):
                inside = bare.strip("[] ") == header
                if not tables and bare.strip("[] ") == key:
                    return number
            elif inside and re.match(rf'["\']?{re.escape(key)}["\']?\s*=', bare):
                return number
            elif tables and re.match(rf'["\']?{re.escape(tables[0])}["\']?\s*[=.]', bare):
                inline = number
        return inline

    def _line_in_row(self, tables: Sequence[str], number: int, key: str) -> int | None:
        """Return the line of a key in the row `number` (from 0) of an array of tables, else the row's own line."""
        header, row, found = f"[[{'.'.join(tables)}]]", -1, None
        for line, text in enumerate(self.text.splitlines(), start=1):
            bare = text.split("#", 1)[0].strip()
            if bare.startswith("["):
                row += bare.replace(" ", "") == header
                if row > number:
                    break
                found = line if row == number and found is None else found
            elif row == number and re.match(rf'["\']?{re.escape(key)}["\']?\s*=', bare):
                return line
        return found


def source_of(info: ValidationInfo, name: str) -> TomlSource:
    """Return the file that is being checked, an empty one of this name when it is not a file."""
    return info.context if isinstance(info.context, TomlSource) else TomlSource(name, "")


def not_known(kind: str, name: str, names: Sequence[str]) -> PydanticCustomError:
    """Return the error for a name that is not in a list of known names, with the nearest one."""
    return PydanticCustomError("unknown_name", cast("Any", f"unknown {kind} {name!r}, {closest(name, names)}"))


def several(problems: Sequence[Problem]) -> PydanticCustomError:
    """Return one validation error that carries several problems of one field; each names its own key in `column`."""
    return PydanticCustomError("several", "several problems", {"problems": tuple(problems)})


class TomlInput(BaseModel):
    """Base of every input file: strict types, unknown keys refused, all problems reported together as InputError."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _as_input_error(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Turn pydantic's errors into problems a user can act on; raises InputError."""
        try:
            return handler(data)
        except ValidationError as error:
            source = source_of(info, cls.__name__)
            problems = [problem for detail in error.errors() for problem in cls._problems(detail, source)]
            raise InputError(sorted(problems, key=lambda problem: (problem.line or 0, problem.column))) from None

    @classmethod
    def _problems(cls, detail: ErrorDetails, source: TomlSource) -> list[Problem]:
        """Return the problems one pydantic error stands for."""
        path = [str(part) for part in detail["loc"] if part != "[key]"]
        carried = detail.get("ctx", {}).get("problems")
        if carried is not None:
            return [placed(source, [*path, problem.column], problem) for problem in carried]
        if detail["type"] == "extra_forbidden":
            known = list(_owner(cls, path).model_fields)
            return [placed(source, path, Problem(f"unknown key {path[-1]!r}, {closest(path[-1], known)}"))]
        if detail["type"] == "missing":
            return [Problem("this key is missing", source.name, column=".".join(path))]
        return [placed(source, path, _plain(detail, cls))]


def _plain(detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    """Say in plain words what is wrong with one value."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    found = repr(value) if isinstance(value, bool) else str(value)
    if kind == "literal_error":
        path = [str(part) for part in detail["loc"]]
        choices = _choices(_owner(model, path).model_fields[path[-1]].annotation)
        return Problem(f"unknown value {found!r}, {closest(found, choices)}")
    if kind == "string_pattern_mismatch":
        return Problem("not a short name", value=found, expected="letters, digits, - and _ without spaces")
    if kind in _TYPE_WORDS:
        return Problem(f"wrong type: {_type_name(value)}", value=found, expected=_TYPE_WORDS[kind])
    if kind in _BOUND_WORDS:
        key, words = _BOUND_WORDS[kind]
        return Problem("value outside its range", value=found, expected=f"{words} {context[key]:g}")
    return Problem(detail["msg"].removeprefix("Value error, "))


def _owner(model: type[BaseModel], path: Sequence[str]) -> type[BaseModel]:
    """Return the model of the table in which the last key of a path stands: the file's own, or one inside it."""
    for key in path[:-1]:
        field = model.model_fields.get(key)
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if _is_model(kind)] if field else []
        if not inner:
            return model
        model = cast("type[BaseModel]", inner[0])
    return model


def _is_model(kind: object) -> bool:
    """Return whether an annotation is a model of a table."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _choices(annotation: Any) -> list[str]:
    """Return the admissible texts of a Literal annotation."""
    return [str(choice) for choice in get_args(annotation)] if get_origin(annotation) is Literal else []


def _type_name(value: object) -> str:
    """Return the TOML word for the type of a value."""
    words = {bool: "true/false", int: "a whole number", float: "a number with decimals", str: "a text"}
    words |= {dict: "a table", list: "a list"}
    return words.get(type(value), type(value).__name__)


def placed(source: TomlSource, path: Sequence[str], problem: Problem) -> Problem:
    """Return the problem with file, line and key filled in."""
    line = source.line_of(path) if source.text else None
    return Problem(problem.message, source.name, line, ".".join(path), problem.value, problem.expected)


def read_toml(path: Path, *, shown_as: str | None = None) -> tuple[dict[str, Any], TomlSource]:
    """Return the tables of a TOML file and its source; a syntax error is an InputError with line and column."""
    name = shown_as or str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(Problem("there is no such file", name)) from None
    except OSError as error:
        raise InputError(Problem(f"the file cannot be read: {error.strerror}", name)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        right = "a file saved as UTF-8"
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise InputError(Problem("the file is UTF-16 text", name, expected=right)) from None
        line = data[: error.start].count(b"\n") + 1
        raise InputError(Problem("the file is not UTF-8 text", name, line, expected=right)) from None
    try:
        return tomllib.loads(text), TomlSource(name, text)
    except tomllib.TOMLDecodeError as error:
        words = _PLACE.sub("", str(error))
        place = _PLACE.search(str(error))
        if place is None or place[1] is None:
            raise InputError(Problem(f"not valid TOML: {words}", name, text.count("\n") + 1)) from None
        raise InputError(Problem(f"not valid TOML at column {place[2]}: {words}", name, int(place[1]))) from None


def read_input[T: TomlInput](model: type[T], path: Path, *, shown_as: str | None = None) -> T:
    """Return a checked input file; its `name`, when the file does not say one, is the file's name without ending."""
    data, source = read_toml(path, shown_as=shown_as)
    data.setdefault("name", path.stem)
    return model.model_validate(data, context=source)
