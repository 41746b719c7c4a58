"""Pseudonyms made at the edge: a keyed HMAC of a civil registration number (CPR), with no way back.

    "p:" + kid + "." + hex(HMAC-SHA256(key[kid, purpose], "cpr:" + cpr))[:32]

The number is ten digits without a dash. Whoever has the key can try all numbers, so the key stays with the sender: it is in no event, no
store, no log. A key serves one purpose, so that the same person has unlike pseudonyms where data must not be joined.
"""

import datetime as dt
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Literal

from models.errors import ConfigurationError

LostZero = Literal["refuse", "restore"]

KEY_HEX_DIGITS = 64
"""256 bits, as hex digits."""
_KID = re.compile(r"[a-z0-9]{1,8}")
_PURPOSE = re.compile(r"[a-z0-9_-]{1,32}")
_NUMBER = re.compile(r"([0-9]{6})[- ]?([0-9]{4})")
_NINE = re.compile(r"[0-9]{5}[- ]?[0-9]{4}")
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+[eE]\+?[0-9]+")
_REPLACEMENT_DAY = 60
_LEAP_YEAR = 2000
_PSEUDONYM_DIGITS = 32


class CprError(ValueError):
    """What stands there is no civil registration number; the message says what was expected and never what stood there."""


@dataclass(frozen=True)
class Key:
    """One key. `secret` is in no text of it."""

    kid: str
    purpose: str
    secret: bytes = field(repr=False)

    @cached_property
    def _begun(self) -> hmac.HMAC:
        """The hash with the key in it and no text yet: copying it costs less than putting the key in again."""
        return hmac.new(self.secret, digestmod="sha256")

    def person(self, cpr: str) -> str:
        """The pseudonym of a number that `normal_cpr` gave."""
        return f"p:{self.kid}.{self._digits(f'cpr:{cpr}')}"

    def household(self, name: str) -> str:
        """The key of a household: `h:` and 32 hex digits of whatever the source calls it."""
        return f"h:{self.kid}.{self._digits(f'household:{name}')}"

    def reference(self, name: str) -> str:
        """A source's own number (of a case, a course) in a form that says nothing of the person: 32 hex digits."""
        return self._digits(f"reference:{name}")

    def _digits(self, text: str) -> str:
        made = self._begun.copy()
        made.update(text.encode())
        return made.hexdigest()[:_PSEUDONYM_DIGITS]


@dataclass(frozen=True)
class KeyRing:
    """All keys of a sender, by kid and purpose."""

    keys: Mapping[tuple[str, str], Key] = field(repr=False)

    def key(self, kid: str, purpose: str) -> Key:
        """The key of a purpose; ConfigurationError where the ring has none."""
        found = self.keys.get((kid, purpose))
        if found is None:
            there = ", ".join(f"{kid} {purpose}" for kid, purpose in sorted(self.keys)) or "no key"
            raise ConfigurationError(
                f"the key ring has no key {kid} for the purpose {purpose}, it has: {there}; make one with `kerneeffekt key new`"
            )
        return found


def read_key_ring(text: str, where: str) -> KeyRing:
    """The keys of a text with one `kid purpose key` a line, the key as 64 or more hex digits; `#` begins a remark.

    raises  ConfigurationError, naming `where` and the line and never a key: a line of another form, a short key, a name twice, one key
            under two names (which would give two purposes the same pseudonyms)
    """
    keys: dict[tuple[str, str], Key] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.partition("#")[0].strip():
            key = _key(line, f"{where}, line {number}")
            if (key.kid, key.purpose) in keys:
                raise ConfigurationError(f"{where}, line {number}: the key {key.kid} {key.purpose} stands there twice; keep one of the two")
            if any(hmac.compare_digest(key.secret, other.secret) for other in keys.values()):
                raise ConfigurationError(
                    f"{where}, line {number}: the same key stands there under another name; each purpose needs its own"
                )
            keys[key.kid, key.purpose] = key
    if not keys:
        raise ConfigurationError(f"{where} holds no key; make one with `kerneeffekt key new`")
    return KeyRing(keys)


def _key(line: str, where: str) -> Key:
    parts = line.partition("#")[0].split()
    if len(parts) != len(("kid", "purpose", "key")) or not _KID.fullmatch(parts[0]) or not _PURPOSE.fullmatch(parts[1]):
        raise ConfigurationError(
            f"{where}: expected `kid purpose key`: kid of up to 8 [a-z0-9], purpose of up to 32 [a-z0-9_-], hex digits"
        )
    kid, purpose, digits = parts
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2})+", digits):
        raise ConfigurationError(f"{where}: the key must be an even number of hex digits, such as `openssl rand -hex 32` gives")
    if len(digits) < KEY_HEX_DIGITS:
        raise ConfigurationError(f"{where}: the key is too short; expected at least {KEY_HEX_DIGITS} hex digits (256 bits)")
    return Key(kid, purpose, bytes.fromhex(digits))


def normal_cpr(text: str, lost_zero: LostZero = "refuse") -> str:
    """A civil registration number as ten digits, from text with or without dash.

    Six digits that are a date, then four. A check digit is not asked for: numbers since 2007 need not meet it. A number that has lost its
    leading zero (nine digits, as a spreadsheet writes it) is restored only where the sender has said so.
    raises  CprError, which says what was expected
    """
    text = text.strip()
    match = _NUMBER.fullmatch(text)
    if match is None and _NINE.fullmatch(text):
        if lost_zero == "refuse":
            raise CprError(
                "expected ten digits, this has nine: a leading zero was lost, as spreadsheets do; export the column as text,"
                " or say `lost_leading_zero: restore` in the mapping"
            )
        match = _NUMBER.fullmatch(f"0{text}")
    if match is None:
        hint = "; this is a number that a spreadsheet has rounded: export the column as text" if _SCIENTIFIC.fullmatch(text) else ""
        raise CprError(f"expected a civil registration number: ddmmyy, a dash or not, four digits{hint}")
    _require_date(match[1][:4])
    return match[1] + match[2]


@cache
def _require_date(digits: str) -> None:
    """Day and month in four digits; CprError for those of no date, and of replacement numbers."""
    day, month = int(digits[:2]), int(digits[2:4])
    if _REPLACEMENT_DAY < day <= _REPLACEMENT_DAY + 31:
        raise CprError("expected a civil registration number, this is a replacement number (day above 60): such persons cannot be followed")
    try:
        dt.date(_LEAP_YEAR, month, day)
    except ValueError:
        raise CprError("expected a civil registration number, but its first six digits are not a date") from None
