"""What looks like a civil registration number (CPR): found in any text, key or number, and taken out of bytes that are kept.

Six digits that are a date (ddmmyy), a dash or a blank or nothing, four digits, standing free: no letter or digit touches
them. Format and date decide, not the old check digit, which numbers since 2007 need not meet.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_DATE = r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}"
_NUMBER = re.compile(rf"(?<![^\W_]){_DATE}[- ]?[0-9]{{4}}(?![^\W_])")
_POSSIBLE = re.compile(r"[0-9]{6}[- ]?[0-9]{3}")
_WHOLE = re.compile(rf"{_DATE}[0-9]{{4}}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL)
_MONEY = re.compile(r'("amount_ore"\s*:\s*)-?[0-9]+')
_DIGITS = 10
_ANY_DIGIT = re.compile(r"\d|[^\x00-\xAF\xC0-\u024F]")
"""What can become a digit when characters are normalised."""
_MONEY_PATHS = (("data", "amount_ore"), ("data", "replacement", "data", "amount_ore"))
MASK = "[redacted]"

Path = tuple[str, ...]


def _plain(text: str) -> str:
    """Compatibility-normalised, with every kind of digit, dash and blank in its ASCII form, and invisible characters gone."""
    if text.isascii():
        return text.replace("\x00", "")
    return "".join(_plain_character(character) for character in unicodedata.normalize("NFKC", text))


def _plain_character(character: str) -> str:
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.digit(character))
        case "Pd":
            return "-"
        case "Zs" | "Zl" | "Zp":
            return " "
        case "Cf" | "Mn" | "Me":
            return ""
        case _ if character == "\N{MINUS SIGN}":
            return "-"
        case _:
            return "" if character == "\x00" else character


def in_text(text: str) -> bool:
    """Whether the text holds something that looks like a civil registration number."""
    return n_digits(text) >= _DIGITS and _NUMBER.search(_plain(text)) is not None


def n_digits(text: str) -> int:
    """How many digits the text holds at the most, once its characters are normalised."""
    return len(_ANY_DIGIT.findall(text))


def in_number(number: int | float) -> bool:
    """Whether a whole number is written as one is; nine digits count too, since a number has lost a leading zero."""
    if isinstance(number, bool) or (isinstance(number, float) and not number.is_integer()):
        return False
    return _WHOLE.fullmatch(str(abs(int(number))).zfill(_DIGITS)) is not None


def in_document(document: Any) -> bool:
    """Whether any key, text or number of a JSON document looks like one; `amount_ore` of the schema is money and may have ten digits."""
    return any(in_text(leaf) if isinstance(leaf, str) else in_number(leaf) for path, leaf in leaves(document) if not _is_money(path, leaf))


def impossible_in(raw: bytes) -> bool:
    """True when a look at the bytes alone rules every such number out: no escapes, ASCII only, no run of digits that is long enough."""
    return raw.isascii() and b"\\" not in raw and _POSSIBLE.search(raw.decode("ascii")) is None


def leaves(document: Any) -> Iterator[tuple[Path, str | int | float]]:
    """Every key, text and number of a JSON document with the path of names that leads to it; iterative, so depth cannot hurt."""
    waiting: list[tuple[Path, Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                yield (*path, key), key
                waiting.append(((*path, key), item))
        elif isinstance(value, list):
            waiting.extend((path, item) for item in value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield path, value


def _is_money(path: Path, leaf: str | int | float) -> bool:
    return path in _MONEY_PATHS and not isinstance(leaf, str)


def redact_bytes(raw: bytes) -> bytes | None:
    """Bytes of which no JSON document could be made, with what looks like such a number masked; None when there is nothing to mask.

    Looks behind \\uXXXX escapes and at wide encodings (zero bytes). What cannot be masked in place loses all its digits; so does
    what can be read as JSON once its broken characters are replaced, and then holds such a number without its leading zero.
    """
    text = _unescaped(_MONEY.sub(r"\g<1>0", raw.decode("utf-8", errors="replace")))
    if not in_text(text) and not _in_readable(text):
        return None
    told = masked(text)
    return (_without_digits(told) if _in_readable(told) else told).encode("utf-8", errors="replace")


def _in_readable(text: str) -> bool:
    """Whether the text is JSON after all, and holds such a number."""
    try:
        return in_document(json.loads(text))
    except (ValueError, RecursionError):
        return False


def _without_digits(text: str) -> str:
    return re.sub(r"[0-9]", "#", text)


def redact_document(document: Any) -> bytes:
    """The document as JSON text, with what looks like such a number masked in keys, texts and numbers."""
    return json.dumps(_redacted((), document), ensure_ascii=False, default=str).encode("utf-8", errors="replace")


def _redacted(path: Path, value: Any) -> Any:
    if isinstance(value, dict):
        return {masked(key) if in_text(key) else key: _redacted((*path, key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_redacted(path, item) for item in value]
    if isinstance(value, str):
        return masked(value) if in_text(value) else value
    if isinstance(value, int | float) and not _is_money(path, value) and in_number(value):
        return MASK
    return value


def masked(text: str) -> str:
    """The text with every number masked that looks like a civil registration number."""
    found = _NUMBER.sub(MASK, _plain(text))
    return _without_digits(found) if _NUMBER.search(found) else found


def _unescaped(text: str) -> str:
    """JSON escapes resolved; any escape but \\uXXXX becomes a blank, which parts what it parted before."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else " ", text) if "\\" in text else text
