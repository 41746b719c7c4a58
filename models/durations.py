"""ISO 8601 durations in calendar units, and what they do to a date.

Months and years are calendar months: 31 January + P1M is the last day of February. An `Offset` is a duration that may point back: -P14D.
"""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_PATTERN = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?")


DAYS_PER_MONTH = 365.2425 / 12


@dataclass(frozen=True, order=True)
class _Span:
    """So many calendar months and days, as its text says; what durations and offsets have in common."""

    months: int
    days: int
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text; ValueError when it is not one."""
        raise NotImplementedError

    def after(self, date: dt.date) -> dt.date:
        """The date that lies so far from this one: months first (clamped to the month's last day), then days."""
        year, month = divmod(date.year * 12 + date.month - 1 + self.months, 12)
        day = min(date.day, calendar.monthrange(year, month + 1)[1])
        return dt.date(year, month + 1, day) + dt.timedelta(days=self.days)

    @property
    def sql(self) -> str:
        """The same span as a DuckDB interval literal (DuckDB clamps months as above)."""
        return f"INTERVAL '{self.months} months {self.days} days'"

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: Any) -> "_Span":
            return value if isinstance(value, cls) else cls.parse(value)

        return core_schema.no_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


class Duration(_Span):
    """A span of calendar months and days, such as P3M, P26W, P182D or P1Y6M."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ISO 8601 duration of years, months, weeks and days; ValueError when it is not one."""
        match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
        if match is None or text == "P":
            raise ValueError("expected an ISO 8601 duration such as P3M, P26W or P182D")
        years, months, weeks, days = (int(part or 0) for part in match.groups())
        return cls(12 * years + months, 7 * weeks + days, text)


class Offset(_Span):
    """A day before or after another: P6M is six months after it, -P14D fourteen days before it, P0D the day itself."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a duration with or without a minus sign before it; ValueError when it is not one."""
        if not isinstance(text, str):
            raise ValueError("expected a duration such as P6M, or -P14D for days before")
        span = Duration.parse(text.removeprefix("-"))
        sign = -1 if text.startswith("-") else 1
        return cls(sign * span.months, sign * span.days, text)

    @property
    def nominal_days(self) -> float:
        """About how many days it is, to hold two of them against each other without a date."""
        return self.months * DAYS_PER_MONTH + self.days
