"""Case mix of the compared records: what was known of each in time, as levels of the covariates, and records counted by profile."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from models.catalogue import Break, CaseMix, Catalogue, Expected
from models.reference import Reference
from outcomes.casemix import level_of
from outcomes.reference import Profile, expected_rates
from pipelines.dimensions import create_from
from pipelines.sql_texts import sql


@dataclass(frozen=True)
class Standardisation:
    """One indicator that is held against what is expected of it.

    reference   the frozen reference; None: the pool of the same cohort, or a reference that is named but not there (`missing`)
    """

    position: int
    indicator: Any
    asked: Expected
    reference: Reference | None
    breaks: tuple[Break, ...]
    time_unit: str

    @property
    def missing(self) -> bool:
        """A reference is named, and the catalogue does not have it."""
        return self.asked.reference is not None and self.reference is None

    @property
    def is_plain_share(self) -> bool:
        """One expected share for everybody: then a funnel of shares, with binomial limits, says more than one of ratios."""
        asked = self.asked
        return (
            (asked.of, asked.follow_up) == ("achieved", "matured") and not self.indicator.case_mix and asked.overdispersion != "log_trimmed"
        )

    @property
    def method(self) -> str:
        """How the expected numbers came about, in words."""
        if self.reference is None:
            return f"pool of the cohort{', the unit left out' if self.asked.leave_one_out else ''}: rate per stratum of the matured"
        how = {"strata": "rate per stratum", "logistic": "logistic regression", "poisson": "Poisson regression"}[self.reference.method]
        whom = {
            "matured": "of the matured",
            "incidence": "incidence at each one's possible follow-up",
            "hazard": "cumulative hazard at each one's own follow-up",
        }[self.reference.follow_up]
        return f"frozen reference: {how}, {whom}"


def standardisations(catalogue: Catalogue, positions: Sequence[int]) -> list[Standardisation]:
    """The standardisations that the catalogue asks for, among the indicators that are computed."""
    return [
        Standardisation(
            position,
            indicator,
            indicator.expected,
            catalogue.reference_of(indicator),
            catalogue.breaks_of(task, indicator),
            indicator.time_unit,
        )
        for position, (task, indicator) in enumerate(catalogue.indicators())
        if position in set(positions) and getattr(indicator, "expected", None) is not None
    ]


def count_profiles(connection: duckdb.DuckDBPyConnection, wanted: Sequence[Standardisation]) -> None:
    """Make `compared`, `profile` (profile_no, position, levels, follow) and `profiled` (each compared record with its levels).

    Needs `record` and `indicator`.
    """
    create_from(
        connection,
        "standardisation",
        {
            "position": "INTEGER", "quantity": "VARCHAR", "follow_up": "VARCHAR", "has_reference": "BOOLEAN", "overall_rate": "DOUBLE",
            "leave_one_out": "BOOLEAN",
        },
        [
            {
                "position": one.position, "quantity": one.asked.of, "follow_up": one.asked.follow_up,
                "has_reference": one.asked.reference is not None,
                "overall_rate": one.reference.overall_rate if one.reference and one.asked.follow_up == "matured" else None,
                "leave_one_out": one.asked.leave_one_out,
            }
            for one in wanted
        ],
    )  # fmt: skip
    create_from(
        connection,
        "covariate",
        {"position": "INTEGER", "place": "INTEGER", "attribute": "VARCHAR", "pointer": "VARCHAR", "until_decided": "BOOLEAN"},
        [
            {
                "position": one.position, "place": place, "attribute": covariate.attribute, "pointer": _pointer(covariate.attribute),
                "until_decided": covariate.known == "follow_up",
            }
            for one in wanted
            for place, covariate in enumerate(one.indicator.case_mix)
        ],
    )  # fmt: skip
    for step in ("mart_compared", "mart_attribute_told", "mart_covariate_value", "mart_told_value"):
        connection.execute(sql(step))
    _name_levels(connection, {one.position: one.indicator.case_mix for one in wanted})
    connection.execute(sql("mart_profiled"))
    for spent in ("covariate_value", "attribute_told"):
        connection.execute(f"DROP TABLE {spent}")
    connection.execute(sql("mart_profile"))
    connection.execute(
        "CREATE VIEW profiled AS SELECT coded.* EXCLUDE (code), profile.levels FROM coded JOIN profile"
        " ON profile.position = coded.position AND profile.code = coded.code AND profile.follow IS NOT DISTINCT FROM coded.follow"
    )


def _name_levels(connection: duckdb.DuckDBPyConnection, case_mix: dict[int, tuple[CaseMix, ...]]) -> None:
    """`covariate_level`: the level of each value that was told, worked out once per different value, and its part in a profile's code.

    A code is a number with one digit per covariate: the sum over places of level_no times weight, the product of the n_levels before it.
    """
    told: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
    for attribute, number, value in connection.execute("SELECT attribute, value_no, value FROM told_value ORDER BY ALL").fetchall():
        told[attribute].append((number, value))
    rows = [row for position, asked in case_mix.items() for row in _digits(position, asked, told)]
    columns = {
        "position": "INTEGER", "place": "INTEGER", "value_no": "INTEGER", "level": "VARCHAR", "level_no": "BIGINT", "n_levels": "BIGINT",
        "weight": "VARCHAR",
    }  # fmt: skip
    create_from(connection, "digit", columns, rows)
    connection.execute(
        "CREATE TABLE covariate_level AS SELECT * REPLACE (weight::HUGEINT AS weight), level_no * weight::HUGEINT AS part FROM digit"
    )


def _digits(position: int, asked: Sequence[CaseMix], told: dict[str, list[tuple[int, str | None]]]) -> Iterator[dict[str, Any]]:
    weight = 1
    for place, covariate in enumerate(asked):
        levels = {number: level_of(covariate, value) for number, value in told[covariate.attribute]}
        order = {level: digit for digit, level in enumerate(sorted(set(levels.values())))}
        for number, level in levels.items():
            yield {
                "position": position, "place": place, "value_no": number, "level": level, "level_no": order[level], "n_levels": len(order),
                "weight": str(weight),
            }  # fmt: skip
        weight *= len(order)


def rate_profiles(connection: duckdb.DuckDBPyConnection, wanted: Sequence[Standardisation]) -> None:
    """`profile_rate`: what each standardisation's reference expects of one record of each profile; no row where it does not know it."""
    rows: list[dict[str, Any]] = []
    for one in wanted:
        if one.reference is None:
            continue
        found = connection.execute(
            "SELECT profile_no, levels, follow FROM profile WHERE position = ? ORDER BY profile_no", [one.position]
        ).fetchall()
        profiles: list[Profile] = [(tuple(levels), follow) for _, levels, follow in found]
        rates = expected_rates(one.reference, profiles).tolist()
        rows += [{"profile_no": no, "rate": rate} for (no, _, _), rate in zip(found, rates, strict=True) if rate == rate]
    create_from(connection, "profile_rate", {"profile_no": "INTEGER", "rate": "DOUBLE"}, rows)


def _pointer(attribute: str) -> str:
    """The place of an attribute in a JSON object, whatever its name."""
    return "/" + attribute.replace("~", "~0").replace("/", "~1")
