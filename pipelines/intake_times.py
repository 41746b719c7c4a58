"""RFC 3339 times to instants, a whole column at a time, from the bytes of a slice.

Understands what is common: years 1800 to 2999, a capital T, up to six decimals, `Z` or an offset of up to fourteen hours. Whatever
else `models.records` takes for a time is left to the general path.
"""

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WORD = 8
LOW_BYTES = np.array([(1 << 8 * n) - 1 for n in range(WORD + 1)], np.uint64)
"""Masks for the first n bytes of a word (little-endian: the low ones)."""
_LOW, _BITS = list(LOW_BYTES), [np.uint64(8 * n) for n in range(WORD)]
_ZEROS, _CARRY, _HIGH, _FIFTEEN = (np.uint64(int(byte * WORD, 16)) for byte in ("30", "76", "80", "0f"))
_SHORTEST = len("2026-01-31T12:00:00Z")
_LONGEST = len("2026-01-31T12:00:00.123456+01:00")
_SECONDS_END = len("2026-01-31T12:00:00")
_MOST_DECIMALS = 6
_HOURS_OF_OFFSET = 14


def word(text: bytes) -> np.uint64:
    """Up to eight bytes as a word."""
    return np.uint64(int.from_bytes(text, "little"))


def _marks(example: bytes) -> tuple[np.uint64, np.uint64]:
    """The mask of what is no digit in a text, and what stands there."""
    mask = word(bytes(0 if byte == ord("0") else 0xFF for byte in example))
    return mask, word(example) & mask


_DAY, _DAY_MARKS = _marks(b"0000-00-")
_MINUTE, _MINUTE_MARKS = _marks(b"00T00:00")
_SECOND, _SECOND_MARKS = _marks(b":")


def instants(words: Words, begin: Positions, end: Positions) -> tuple[Positions, Flags]:
    """Microseconds since 1970 in UTC of the times written between these places, and which of them are times.

    words  the eight bytes from each byte on
    """
    length = end - begin
    fits = (length >= _SHORTEST) & (length <= _LONGEST)
    day, minute, second = words[begin], words[begin + 8], words[begin + 16]
    fits &= (day & _DAY == _DAY_MARKS) & (minute & _MINUTE == _MINUTE_MARKS) & (second & _SECOND == _SECOND_MARKS)
    date = day & _LOW[4] | (day >> _BITS[5] & _LOW[2]) << _BITS[4] | (minute & _LOW[2]) << _BITS[6]
    time = (minute >> _BITS[3] & _LOW[2]) | (minute >> _BITS[6]) << _BITS[2] | (second >> _BITS[1] & _LOW[2]) << _BITS[4]
    fits &= _are_digits(date, _LOW[8]) & _are_digits(time, _LOW[6])
    (century, year, month, day_of_month), (hours, minutes, seconds, _) = _pairs(date), _pairs(time)
    fits &= (century >= 18) & (century <= 29) & (hours <= 23) & (minutes <= 59) & (seconds <= 59)
    days, valid = _days(century * 100 + year, month, day_of_month)
    fits &= valid
    offset, decimals_end, known = _offset(words, end)
    decimals, decimal = _decimals(words, begin + _SECONDS_END, decimals_end)
    total = days * 86_400 + hours * 3_600 + minutes * 60 + seconds - offset
    return total * 1_000_000 + decimals, fits & known & decimal


def _days(year: Positions, month: Positions, day: Positions) -> tuple[Positions, Flags]:
    """Days since 1970 of a date, and whether the calendar has it."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    first, after = months.astype("datetime64[D]").astype(np.int64), (months + 1).astype("datetime64[D]").astype(np.int64)
    return first + day - 1, (month >= 1) & (month <= 12) & (day >= 1) & (day <= after - first)


def _offset(words: Words, end: Positions) -> tuple[Positions, Positions, Flags]:
    """Seconds that the time is ahead of UTC, where the offset's text begins, and whether it is one."""
    zone = words[end - 6]
    is_utc = zone >> _BITS[5] & _LOW[1] == ord("Z")
    if is_utc.all():
        return np.zeros(len(end), np.int64), end - 1, is_utc
    sign = zone & _LOW[1]
    shift = (zone >> _BITS[1] & _LOW[2]) | (zone >> _BITS[4] & _LOW[2]) << _BITS[2]
    hours, minutes, *_ = _pairs(shift)
    known = ((sign == ord("+")) | (sign == ord("-"))) & (zone >> _BITS[3] & _LOW[1] == ord(":")) & _are_digits(shift, _LOW[4])
    known &= (hours <= _HOURS_OF_OFFSET) & (minutes <= 59)
    seconds = (hours * 3_600 + minutes * 60) * np.where(sign == ord("-"), -1, 1)
    return np.where(is_utc, 0, seconds), np.where(is_utc, end - 1, end - 6), is_utc | known


def _decimals(words: Words, begin: Positions, end: Positions) -> tuple[Positions, Flags]:
    """Microseconds of a decimal part between these places, none where it is empty; and whether it is one."""
    n_digits = end - begin - 1
    if (n_digits == -1).all():
        return np.zeros(len(begin), np.int64), np.ones(len(begin), bool)
    mask = LOW_BYTES[np.clip(n_digits, 0, _MOST_DECIMALS)]
    digits = words[begin + 1] & mask
    tens, thousandths, rest, _ = _pairs(digits)
    number = tens * 10_000 + thousandths * 100 + rest
    is_decimal = (words[begin] & _LOW[1] == ord(".")) & (n_digits >= 1) & (n_digits <= _MOST_DECIMALS) & _are_digits(digits, mask)
    return np.where(n_digits == -1, 0, number), is_decimal | (n_digits == -1)


def _are_digits(words: Words, mask: Words | np.uint64) -> Flags:
    """Whether all bytes under the mask are digits: more than nine above `0` sets the highest bit."""
    above = (words ^ _ZEROS) & mask
    return (above | (above + _CARRY)) & _HIGH == 0  # type: ignore[no-any-return]


def _pairs(digits: Words) -> tuple[Positions, ...]:
    """The four numbers that eight digits make, two by two; bytes of zero count as no digit."""
    above = digits & _FIFTEEN
    pairs = above * np.uint64(10) + (above >> _BITS[1])
    return tuple((pairs >> _BITS[place] & _LOW[1]).astype(np.int64) for place in (0, 2, 4, 6))
