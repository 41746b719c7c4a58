"""What a request may say: an allow-list of parameters for each page, each value checked against what the publication holds."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from starlette.requests import Request

from dashboard.errors import ReaderError
from dashboard.texts import LANGUAGES

LONGEST_VALUE = 200


def read_parameters(request: Request, known: Iterable[str]) -> dict[str, str]:
    """The request's parameters, each once and each known; ReaderError 400 otherwise. Empty values count as not given."""
    known = tuple(known)
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise ReaderError(f"unknown parameter; this address takes: {', '.join(known)}", "error.parameter", known=", ".join(known))
        if name in given:
            raise ReaderError(f"the parameter {name} may stand only once", "error.repeated", name=name)
        if len(value) > LONGEST_VALUE or not value.isprintable():
            raise bad_value(name, f"at most {LONGEST_VALUE} printable characters")
        given[name] = value
    return {name: value for name, value in given.items() if value}


def bad_value(name: str, expected: str) -> ReaderError:
    """The error for a value that cannot be used; says what was expected and never repeats the value."""
    return ReaderError(f"the value of {name} cannot be used; expected: {expected}", "error.value", name=name, expected=expected)


def one_of(name: str, value: str, choices: Iterable[str]) -> str:
    """The value when it is among the choices."""
    choices = tuple(choices)
    if value not in choices:
        shown = ", ".join(choices[:12]) + (" ..." if len(choices) > 12 else "")
        raise bad_value(name, shown or "nothing: there is no choice here")
    return value


def whole_number(name: str, value: str, lowest: int, highest: int) -> int:
    """The value as a whole number within its bounds."""
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and lowest <= int(value) <= highest):
        raise bad_value(name, f"a whole number from {lowest} to {highest}")
    return int(value)


def language_of(request: Request) -> str:
    """`lang` when it is one of ours, else what the browser prefers, else Danish. A wrong `lang` is told by the page's own check."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    for entry in request.headers.get("accept-language", "").split(","):
        tongue = entry.split(";")[0].strip().lower().split("-")[0]
        if tongue in LANGUAGES:
            return tongue
    return "da"


def address(path: str, values: Mapping[str, object]) -> str:
    """A path and its parameters as a link inside the site, in a fixed order; what is None is left out."""
    pairs = [(name, str(value)) for name, value in values.items() if value is not None]
    return quote(path) + ("?" + urlencode(pairs) if pairs else "")
