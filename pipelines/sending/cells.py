"""One cell's text as the value that an event carries. A fault says what was expected, never what stood there."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from models.mapping import OTHERWISE, Column, CsvForm, Moment
from models.pseudonyms import Key

Convert = Callable[[str], Any]
NAMED_AT_MOST = 8


class CellError(ValueError):
    """What stands in a cell is not what was expected; the message says what was."""


def converter(column: Column, form: CsvForm, codes: Mapping[str, Mapping[str, Any]], key: Key | None) -> Convert:
    """What turns a cell of this column (not empty) into its value."""
    match column.reads:
        case "number":
            return _number(form)
        case "integer":
            return _integer(form)
        case "money":
            return _money(form)
        case "date" | "month" | "year":
            return _dated(column)
        case "reference":
            return _reference(key)
        case _:
            return _code(column.codes, codes[column.codes]) if column.codes is not None else normal_text


def normal_text(text: str) -> str:
    """Text without blanks around it, its letters composed (an export may write å as a and a ring)."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text.strip())


def _code(name: str, table: Mapping[str, Any]) -> Convert:
    wanted = {normal_text(text): value for text, value in table.items()}
    known = [text for text in wanted if text != OTHERWISE]
    more = f" and {len(known) - NAMED_AT_MOST} more" if len(known) > NAMED_AT_MOST else ""
    expected = f"expected a text of the code table `{name}`: {', '.join(known[:NAMED_AT_MOST])}{more}"

    def convert(text: str) -> Any:
        found = wanted.get(normal_text(text), wanted.get(OTHERWISE))
        if found is None:
            raise CellError(expected)
        return found

    return convert


def _plain_number(form: CsvForm) -> Callable[[str], str | None]:
    """A number's text in its plain form (a point, no groups, the sign in front), or None."""
    group, point = re.escape(form.thousands), re.escape(form.decimal)
    grouped = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|" if form.thousands else ""
    pattern = re.compile(rf"([-+−]?)({grouped}[0-9]+)(?:{point}([0-9]+))?(-?)")

    def plain(text: str) -> str | None:
        match = pattern.fullmatch(text.strip().replace("\N{NO-BREAK SPACE}", " "))
        if match is None or (match[1] and match[4]):
            return None
        sign = "-" if match[1] in ("-", "−") or match[4] else ""
        whole = match[2].replace(form.thousands, "") if form.thousands else match[2]
        return f"{sign}{whole}.{match[3]}" if match[3] else f"{sign}{whole}"

    return plain


def _number(form: CsvForm) -> Convert:
    plain, shown = _plain_number(form), _example(form)

    def convert(text: str) -> float | int:
        found = plain(text)
        if found is None:
            raise CellError(f"expected a number such as {shown}")
        return float(found) if "." in found else int(found)

    return convert


def _integer(form: CsvForm) -> Convert:
    plain = _plain_number(form)

    def convert(text: str) -> int:
        found = plain(text)
        if found is None or "." in found:
            raise CellError("expected a whole number")
        return int(found)

    return convert


def _money(form: CsvForm) -> Convert:
    plain, shown = _plain_number(form), _example(form)

    def convert(text: str) -> int:
        found = plain(text)
        ore = None if found is None else Decimal(found) * 100
        if ore is None or ore != ore.to_integral_value():
            raise CellError(f"expected kroner with at most two decimals, such as {shown}")
        return int(ore)

    return convert


def _example(form: CsvForm) -> str:
    return f"1{form.thousands}234{form.decimal}50"


def _dated(column: Column) -> Convert:
    form = {"date": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[column.reads]
    read = _reader_of_dates(column.format or "", column.plus_days)

    def convert(text: str) -> str:
        return read(text).strftime(form)

    return convert


def moment(spec: Moment, zone: ZoneInfo) -> Convert:
    """What turns a cell into an RFC 3339 time. Without a zone of its own it is local; an hour that occurs twice is the first of the two."""
    read = _reader_of_dates(spec.format, spec.plus_days)

    def convert(text: str) -> str:
        read_time = read(text)
        if read_time.tzinfo is not None:
            return read_time.isoformat()
        local = read_time.replace(tzinfo=zone)
        if local.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != read_time:
            raise CellError("expected a time that exists: the clock was put forward over this hour")
        return local.isoformat()

    return convert


def _reader_of_dates(form: str, plus_days: int) -> Callable[[str], dt.datetime]:
    example = dt.datetime(2025, 12, 31, 13, 45, tzinfo=dt.UTC).strftime(form)
    more = dt.timedelta(days=plus_days)

    def read(text: str) -> dt.datetime:
        try:
            return dt.datetime.strptime(text.strip(), form) + more  # noqa: DTZ007 - the zone is the mapping's, given by the caller
        except (ValueError, OverflowError):
            raise CellError(f"expected a date such as {example} ({form})") from None

    return read


def _reference(key: Key | None) -> Convert:
    def convert(text: str) -> str:
        if key is None:
            raise CellError("expected a key for references")
        return key.reference(normal_text(text))

    return convert
