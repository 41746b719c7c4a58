"""A frozen reference: what is expected of a case mix, fitted once, versioned, and kept as a CSV file in the catalogue's `references/`.

The file starts with lines `# key: value`, which say what it is; then comes a table, one row per stratum (method `strata`) or per term of a
regression (`logistic`, `poisson`).
"""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Method = Literal["strata", "logistic", "poisson"]
INTERCEPT = "(intercept)"


class Stratum(BaseModel):
    """One row of a strata reference: its levels, in the order of the covariates, and what became of those in it.

    n          records (with `time`: those at risk just before it)
    observed   how many achieved, or the sum of their times (with `time`: effects at this time)
    rate       observed / n (with `time`: the incidence or cumulative hazard up to and including it)
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    levels: tuple[str, ...]
    time: int | None = Field(None, ge=0)
    n: int = Field(ge=0)
    observed: float = Field(ge=0)
    rate: float = Field(ge=0)


class Term(BaseModel):
    """One row of a regression: a covariate's level against the base level (coefficient 0), or a number's slope (level empty)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    term: str
    level: str = ""
    n: int = Field(ge=0)
    coefficient: float
    standard_error: float | None = None


class Reference(BaseModel):
    """A frozen reference with its rows.

    indicator, indicator_version   what it was fitted for
    case_mix                       the covariates as the catalogue wrote them then (JSON): only the same ones may be held against it
    source, population             where the numbers come from, and who is in them
    fitted_on, as_of               when it was made, and the day whose knowledge it shows
    first_index_on, last_index_on  first and last index day in it: whether a break lies between it and a cohort
    n, observed                    records, and how many of them achieved (or the sum of their times)
    dispersion                     Pearson's chi-square over degrees of freedom (regressions)
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
    version: int = Field(ge=1)
    indicator: str
    indicator_version: int = Field(1, ge=1)
    method: Method
    of: Literal["achieved", "time"] = "achieved"
    follow_up: Literal["matured", "incidence", "hazard"] = "matured"
    case_mix: str = "[]"
    covariates: tuple[str, ...] = ()
    source: str = Field(min_length=1)
    population: str = Field(min_length=1)
    fitted_on: dt.date
    as_of: dt.date | None = None
    cohorts: str = "all"
    first_index_on: dt.date | None = None
    last_index_on: dt.date | None = None
    n: int = Field(ge=1)
    observed: float = Field(ge=0)
    dispersion: float | None = None
    strata: tuple[Stratum, ...] = ()
    terms: tuple[Term, ...] = ()

    @model_validator(mode="after")
    def _rows_of_the_method(self) -> "Reference":
        if self.method == "strata" and not self.strata:
            raise ValueError("expected at least one stratum")
        if self.method != "strata" and not any(one.term == INTERCEPT for one in self.terms):
            raise ValueError(f"expected a row of the term {INTERCEPT}")
        return self

    @property
    def overall_rate(self) -> float:
        """Observed over n: what is expected of a record whose stratum the reference does not know."""
        return self.observed / self.n


@dataclass(frozen=True)
class ReferenceFault:
    """One fault of a reference file, with its line from 1."""

    line: int
    key: str
    expected: str
    got: str


_LISTS = ("covariates",)
_HEADER = tuple(name for name in Reference.model_fields if name not in ("strata", "terms"))
_TERM_COLUMNS = ("term", "level", "n", "coefficient", "standard_error")


def write_reference(reference: Reference) -> str:
    """The text of a reference file; reading it gives the same reference."""
    text = io.StringIO()
    for name in _HEADER:
        value = getattr(reference, name)
        if value is not None:
            shown = ", ".join(value) if name in _LISTS else repr(value) if isinstance(value, float) else str(value).replace("\n", " ")
            text.write(f"# {name}: {shown}\n")
    writer = csv.writer(text, lineterminator="\n")
    if reference.method == "strata":
        timed = reference.follow_up != "matured"
        writer.writerow([*reference.covariates, *(["time"] if timed else []), "n", _observed_name(reference.of), "rate"])
        for row in reference.strata:
            writer.writerow([*row.levels, *([row.time] if timed else []), row.n, repr(row.observed), repr(row.rate)])
    else:
        writer.writerow(_TERM_COLUMNS)
        for one in reference.terms:
            error = "" if one.standard_error is None else repr(one.standard_error)
            writer.writerow([one.term, one.level, one.n, repr(one.coefficient), error])
    return text.getvalue()


def read_reference(text: str) -> tuple[Reference | None, list[ReferenceFault]]:
    """A reference from the text of its file, or every fault with its line."""
    faults: list[ReferenceFault] = []
    header, lines, table = _header(text, faults)
    timed = header.get("follow_up", "matured") != "matured"
    covariates = header.get("covariates", ())
    if header.get("method") == "strata":
        columns = (*covariates, *(("time",) if timed else ()), "n", _observed_name(header.get("of", "achieved")), "rate")
    else:
        columns = _TERM_COLUMNS
    rows = list(_rows(table, columns, faults))
    if header.get("method") == "strata":
        header["strata"] = list(_validated(Stratum, [(line, _stratum(row, len(covariates), timed)) for line, row in rows], faults))
        _each_once([(line, tuple(row[: len(covariates) + timed])) for line, row in rows], faults)
    else:
        header["terms"] = list(_validated(Term, [(line, _term(row)) for line, row in rows], faults))
        _each_once([(line, tuple(row[:2])) for line, row in rows], faults)
    if faults:
        return None, faults
    try:
        return Reference.model_validate(header), []
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0]) if detail["loc"] else "(file)"
            got = "nothing" if detail["type"] == "missing" else str(detail["input"])[:80] if detail["loc"] else "another table"
            faults.append(ReferenceFault(lines.get(name, 1), name, _plain(detail["msg"]), got))
        return None, faults


def _observed_name(of: str) -> str:
    return "achieved" if of == "achieved" else "total_time"


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Field required", "expected this key in the lines `# key: value`")


def _header(text: str, faults: list[ReferenceFault]) -> tuple[dict[str, Any], dict[str, int], list[tuple[int, str]]]:
    """(values, their lines, the lines of the table)."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    table: list[tuple[int, str]] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if not line.startswith("#"):
            table += [(number, line)] if line.strip() else []
            continue
        name, colon, value = (part.strip() for part in line[1:].partition(":"))
        if not colon or name not in _HEADER:
            faults.append(ReferenceFault(number, name or "(file)", f"expected one of the keys {', '.join(_HEADER)}", line.strip()[:80]))
        elif name in values:
            faults.append(
                ReferenceFault(number, name, f"expected each key once (it stands on line {lines[name]} already)", "the key again")
            )
        else:
            lines[name] = number
            values[name] = tuple(part.strip() for part in value.split(",") if part.strip()) if name in _LISTS else value
    return values, lines, table


def _rows(table: list[tuple[int, str]], columns: tuple[str, ...], faults: list[ReferenceFault]) -> list[tuple[int, list[str]]]:
    """The rows below the heading, each with its line; a wrong heading or a row of another length is a fault."""
    if not table:
        faults.append(ReferenceFault(1, "(file)", f"expected a table with the heading {','.join(columns)}", "no table"))
        return []
    read = [(line, next(csv.reader([text]))) for line, text in table]
    heading_line, heading = read[0]
    if tuple(heading) != columns:
        faults.append(ReferenceFault(heading_line, "(heading)", f"expected the columns {','.join(columns)}", ",".join(heading)[:80]))
        return []
    for line, row in read[1:]:
        if len(row) != len(columns):
            faults.append(ReferenceFault(line, "(row)", f"expected {len(columns)} fields", f"{len(row)} fields"))
    return [(line, row) for line, row in read[1:] if len(row) == len(columns)]


def _stratum(row: list[str], covariates: int, timed: bool) -> dict[str, Any]:
    n, observed, rate = row[-3:]
    return {"levels": tuple(row[:covariates]), "time": row[covariates] if timed else None, "n": n, "observed": observed, "rate": rate}


def _term(row: list[str]) -> dict[str, Any]:
    return dict(zip(_TERM_COLUMNS, row, strict=True)) | {"standard_error": row[4] or None}


def _validated(model: type[BaseModel], rows: list[tuple[int, dict[str, Any]]], faults: list[ReferenceFault]) -> list[BaseModel]:
    found: list[BaseModel] = []
    for line, row in rows:
        try:
            found.append(model.model_validate(row))
        except ValidationError as error:
            faults += [
                ReferenceFault(line, str(detail["loc"][0]), detail["msg"], str(detail["input"])[:80] or "nothing")
                for detail in error.errors(include_url=False)
            ]
    return found


def _each_once(rows: list[tuple[int, tuple[str, ...]]], faults: list[ReferenceFault]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for line, key in rows:
        if key in seen:
            faults.append(ReferenceFault(line, "(row)", f"expected each row once (line {seen[key]} has it too)", ", ".join(key)[:80]))
        seen.setdefault(key, line)
