"""Numbers, money and dates as people write them, in Danish and in English. Units are in the name of each function."""

import datetime as dt
from typing import Any

HARD_SPACE = "\u00a0"
MINUS = "\u2212"
MONTHS = {
    "da": ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
}


def number(value: float, language: str, decimals: int = 0) -> str:
    """A number with thousands grouped and the language's own decimal sign."""
    text = f"{abs(value):,.{decimals}f}"
    if language == "da":
        text = text.translate(str.maketrans(",.", ".,"))
    negative = value < 0 and any(digit not in "0.," for digit in text)
    return f"{MINUS}{text}" if negative else text


def percent(share: float, language: str, decimals: int = 1) -> str:
    """A share (0-1) as per cent; Danish sets a space before the sign."""
    space = HARD_SPACE if language == "da" else ""
    return f"{number(100 * share, language, decimals)}{space}%"


def kroner(ore: float, language: str, currency: str = "DKK") -> str:
    """An amount in oere as whole kroner."""
    amount = number(round(ore / 100), language)
    if currency == "DKK" and language == "da":
        return f"{amount}{HARD_SPACE}kr."
    return f"{currency}{HARD_SPACE}{amount}"


def date(value: Any, language: str) -> str:
    """A date or a moment as a date in words; anything else as it stands."""
    day = _as_date(value)
    if day is None:
        return str(value)
    dot = "." if language == "da" else ""
    return f"{day.day}{dot}{HARD_SPACE}{MONTHS[language][day.month - 1]}{HARD_SPACE}{day.year}"


def moment(value: Any, language: str) -> str:
    """A moment with its clock time, in the zone it is stored in (UTC)."""
    instant = _as_moment(value)
    if instant is None:
        return date(value, language)
    clock = f"{instant:%H:%M}".replace(":", "." if language == "da" else ":")
    return f"{date(instant, language)} {'kl.' if language == 'da' else 'at'}{HARD_SPACE}{clock}{HARD_SPACE}UTC"


def _as_moment(value: Any) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if not isinstance(value, str) or len(value) <= len("2025-01-31"):
        return None
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None


def _as_date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None


def significant(value: float, language: str) -> str:
    """A rate with about three figures: 1.234, 12.3, 1.23, 0.0123."""
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or size == 0 else 4
    return number(value, language, decimals)
