"""The kinds of value that a data field of an event can hold: strict types with their bounds, shared by all payload models.

Each is an ordinary annotated type, so pydantic checks it and `pipelines/intake.py` compiles the very same bounds to SQL.
"""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints

BIGINT_MAX = 2**63 - 1
BIGINT_MIN = -(2**63)

UNIT_PATTERN = r"^[A-Za-z0-9._:-]{1,64}$"
MONTH_PATTERN = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"
YEAR_OR_MONTH_PATTERN = r"^[12][0-9]{3}(-(0[1-9]|1[0-2]))?$"
DATE_PATTERN = r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
PERIOD_PATTERN = r"^[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
DATE_LENGTH = len("2026-01-31")


def is_calendar_date(text: str) -> str:
    """The text itself when it is a date of the calendar (or shorter than a date); ValueError for such as 30 February."""
    if len(text) == DATE_LENGTH:
        dt.date.fromisoformat(text)
    return text


Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
"""A code of a source system: text of 1-64 characters."""
Text = Annotated[str, StringConstraints(strict=True)]
"""Free text of any length that a record can hold."""
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
"""A name, account string or identifier: text of 1-200 characters."""
UnitId = Annotated[str, StringConstraints(strict=True, pattern=UNIT_PATTERN)]
Month = Annotated[str, StringConstraints(strict=True, pattern=MONTH_PATTERN)]
YearOrMonth = Annotated[str, StringConstraints(strict=True, pattern=YEAR_OR_MONTH_PATTERN)]
Date = Annotated[str, StringConstraints(strict=True, pattern=DATE_PATTERN), AfterValidator(is_calendar_date)]
Period = Annotated[str, StringConstraints(strict=True, pattern=PERIOD_PATTERN), AfterValidator(is_calendar_date)]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""
Score = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""Any finite number."""
Quantity = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
"""Minutes, hours, days or a count: finite and not negative."""
WeeklyHours = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=80)]
Total = Annotated[int, Field(strict=True, ge=0, le=BIGINT_MAX)]
"""A whole number that a source has counted."""
AmountOre = Annotated[int, Field(strict=True, ge=BIGINT_MIN, le=BIGINT_MAX)]
"""Money in hundredths of the currency's unit: a whole number, possibly negative."""

AttributeName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
AttributeNumber = Annotated[StrictFloat, Field(allow_inf_nan=False)]
AttributeInteger = Annotated[StrictInt, Field(ge=BIGINT_MIN, le=BIGINT_MAX)]
AttributeValue = StrictBool | AttributeInteger | AttributeNumber | StrictStr | None
MAX_ATTRIBUTES = 32
Attributes = Annotated[dict[AttributeName, AttributeValue], Field(strict=True, max_length=MAX_ATTRIBUTES)]
"""What was known of the subject at that moment, for case mix."""
Effort = Annotated[dict[UnitId, Quantity], Field(strict=True)]
"""Other units that took part: unit id -> minutes."""

PlacementForm = Literal["ordinary", "wage_subsidy", "flexjob", "internship"]
EmployerSector = Literal["private", "public", "non_profit"]
EducationLevel = Literal["day_care", "primary", "lower_secondary", "tenth_grade", "upper_secondary", "vocational", "higher", "other"]
UnitLevel = Literal["municipality", "administration", "institution", "department"]
StaffInstrument = Literal["relational_coordination", "social_capital", "wellbeing"]
TimePurpose = Literal["citizen", "documentation", "coordination", "transport", "other"]
LedgerKind = Literal["actual", "budget"]
