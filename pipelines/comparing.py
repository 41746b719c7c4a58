"""One standardisation worked out: ratios, limits, scores, over-dispersion, shrinkage, ranks and verdicts of its cells, as arrays.

Everything that is estimated over several units (over-dispersion, prior, ranks) rests on the units whose own figures can be shown, so that
no hidden figure can be solved for.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from outcomes import funnel, ranks
from outcomes.estimators import Floats, byar, poisson_exact
from pipelines import breaks
from pipelines.breaks import CohortDays
from pipelines.case_mix import Standardisation
from pipelines.sql_texts import sql

BYAR_FROM = 10
"""Observed count from which Byar's approximation stands in for the exact interval, where the catalogue asks for it."""

KNOWN_ENOUGH = 0.95
"""Share of the compared records that must be in a stratum with a rate; the rest count with the overall rate, and that is said."""

LIMITS = ("low_95", "high_95", "low_998", "high_998")
Cohorts = dict[tuple[int, str, dt.date | None], CohortDays]

_SCALES = {True: "log", False: "square_root"}


class Units:
    """The cells of one standardisation: units and their ancestors in every cohort, as arrays in order of cohort and unit."""

    def __init__(self, standardisation: Standardisation, connection: duckdb.DuckDBPyConnection, k: int, cohorts: Cohorts) -> None:
        self.standardisation, self.cohorts = standardisation, cohorts
        found = connection.execute(
            sql("mart_expected_cell"),
            {
                "position": standardisation.position, "k": k, "quantity": standardisation.asked.of,
                "matured": standardisation.asked.follow_up == "matured",
            },
        ).to_arrow_table()  # fmt: skip
        self.table: dict[str, list[Any]] = {name: found[name].to_pylist() for name in found.column_names}
        self.size = found.num_rows
        self.n = self._numbers("n")
        self.is_own = np.array(self.table["is_own"], dtype=bool)
        self.found: dict[str, Any] = {}

    def column(self, name: str, kind: pa.DataType) -> pa.Array:
        """A finished column; nan is null."""
        values = self.found.get(name, self.table.get(name))
        if values is None:
            return pa.nulls(self.size, kind)
        return pa.array(values, None if isinstance(values, np.ndarray) else kind, from_pandas=True).cast(kind)

    def compare(self) -> list[dict[str, Any]]:
        """Work out every column; returns one row per cohort for `funnel_group`."""
        one = self.standardisation
        self.states = [self._state(row) for row in range(self.size)]
        able = np.array([state in ("final", "immature") for state, _ in self.states], dtype=bool)
        hidden = np.array([state not in ("final", "immature", "not_bounded") for state, _ in self.states], dtype=bool)
        self.observed, self.expected = (np.where(hidden, np.nan, self._numbers(name)) for name in ("observed", "expected"))
        self.able = able
        o, e = np.where(able, self.observed, np.nan), np.where(able, self.expected, np.nan)
        self._ratios(o, e)
        self._limits(o, e)
        groups = [self._group(list(rows)) for _, rows in groupby(range(self.size), key=lambda row: self._cohort(row))]
        self._verdicts()
        reference = one.reference
        self.found |= {
            "observed": self.observed, "expected": self.expected,
            "compared": np.where(hidden | self._flags("hide_compared"), np.nan, self.n),
            "expected_method": [one.method] * self.size, "reference_id": [one.asked.reference] * self.size,
            "reference_version": [reference.version if reference else None] * self.size,
            "expected_state": [state for state, _ in self.states], "expected_reason": [reason for _, reason in self.states],
        }  # fmt: skip
        return groups

    def _numbers(self, name: str) -> Floats:
        return np.array([np.nan if value is None else value for value in self.table[name]], dtype=np.float64)

    def _flags(self, name: str) -> NDArray[np.bool_]:
        return np.array(self.table[name], dtype=bool)

    def _cohort(self, row: int) -> tuple[str, dt.date | None]:
        return self.table["grid"][row], self.table["cohort_start"][row]

    def _state(self, row: int) -> tuple[str, str | None]:
        """(state, reason) of one cell's standardisation."""
        if self.table["hidden"][row]:
            return "suppressed", "too few persons are behind what would be compared"
        one, cell = self.standardisation, {name: values[row] for name, values in self.table.items()}
        if one.missing:
            return "no_reference", f"the catalogue names the reference {one.asked.reference}, which is not there yet"
        if not cell["n"]:
            return "missing", "nobody to compare yet" if cell["pending"] else "nobody to compare"
        refusal, said = self._across_breaks(row)
        if refusal:
            return "no_reference", refusal
        if cell["expected"] is None or cell["n_known"] < KNOWN_ENOUGH * cell["n"]:
            alone = one.reference is None and one.asked.leave_one_out
            return "no_reference", "no other unit has records to compare with" if alone else "too many records are of strata without a rate"
        if cell["expected"] <= 0:
            return "not_bounded", "nothing is expected of this case mix, so observed over expected has no value"
        said += ["some records are of strata without a rate: they count with the overall rate"] if cell["n_known"] < cell["n"] else []
        said += [f"adjusts for what was known only after the index ({', '.join(late)})"] if (late := self._late()) else []
        said += ["only the mature part is compared"] if cell["pending"] and one.asked.follow_up == "matured" else []
        immature = cell["pending"] and one.asked.follow_up == "matured"
        return "immature" if immature else "final", "; ".join(said) or None

    def _late(self) -> list[str]:
        return [covariate.attribute for covariate in self.standardisation.indicator.case_mix if covariate.known == "follow_up"]

    def _across_breaks(self, row: int) -> tuple[str | None, list[str]]:
        """Why the reference may not be used for this cohort; else what must be said of breaks."""
        one, days = self.standardisation, self.cohorts[self.standardisation.position, *self._cohort(row)]
        if one.reference is None:
            straddled = breaks.inside(one.breaks, days)
            return None, [f"the pool lies on both sides of a break: {breaks.words(straddled)}"] if straddled else []
        apart = breaks.between(one.breaks, one.reference, days)
        if apart and not one.asked.across_breaks:
            return f"the reference lies on the other side of a break: {breaks.words(apart)}; fit a new version", []
        said = [f"the reference lies on the other side of a break: {breaks.words(apart)}"] if apart else []
        own = breaks.inside_reference(one.breaks, one.reference)
        return None, said + ([f"the reference itself lies on both sides of a break: {breaks.words(own)}"] if own else [])

    def _ratios(self, o: Floats, e: Floats) -> None:
        with np.errstate(invalid="ignore", divide="ignore"):
            self.ratio = o / e
        low, high = poisson_exact(o, e)
        approximate = np.full(self.size, False)
        if self.standardisation.asked.interval == "byar":
            approximate = o >= BYAR_FROM
            near_low, near_high = byar(o, e)
            low, high = np.where(approximate, near_low, low), np.where(approximate, near_high, high)
        names = np.where(approximate, "byar", "exact_poisson").astype(object)
        self.found |= {
            "observed_over_expected": self.ratio, "oe_low": low, "oe_high": high,
            "oe_method": [name if ok else None for name, ok in zip(names.tolist(), self.able.tolist(), strict=True)],
        }  # fmt: skip

    def _limits(self, o: Floats, e: Floats) -> None:
        """Value, target, limits and score on the scale of this standardisation."""
        n, asked = np.where(self.able, self.n, np.nan), self.standardisation.asked
        if self.standardisation.is_plain_share:
            self.value, self.target = o / n, e / n
            limits = funnel.share_limits_exact if asked.limits == "exact" else funnel.share_limits_arcsine
            self.alert, self.alarm = (limits(n, self.target, alpha) for alpha in (funnel.ALERT, funnel.ALARM))
            exact = asked.limits == "exact"
            z = funnel.z_share(o, n, self.target) if exact else funnel.z_share_arcsine(o, n, self.target)
            self.score, self.weight = funnel.z_share_arcsine(o, n, self.target), 4 * n
            named = ("share", "exact_binomial" if exact else "arcsine", "normal" if exact else "arcsine")
        else:
            self.value, self.target = self.ratio, np.where(self.able, 1.0, np.nan)
            self.alert, self.alarm = (funnel.ratio_limits(e, alpha) for alpha in (funnel.ALERT, funnel.ALARM))
            on_log = asked.overdispersion == "log_trimmed"
            z = self.score = funnel.z_log_ratio(o, e) if on_log else funnel.z_ratio(o, e)
            self.weight = e if on_log else 4 * e
            named = ("ratio", "exact_poisson", "log" if on_log else "square_root")
        self.wide_alert, self.wide_alarm = (tuple(np.full(self.size, np.nan) for _ in range(2)) for _ in range(2))
        self.wide_method: list[str | None] = [None] * self.size
        self.found |= {"value": self.value, "target": self.target, "z": z} | dict(zip(LIMITS, (*self.alert, *self.alarm), strict=True))
        for name, text in zip(("scale", "limits_method", "z_method"), named, strict=True):
            self.found[name] = [text if ok else None for ok in self.able.tolist()]
        for name in ("shrunk", "shrunk_low", "shrunk_high", "oe_rank", "oe_rank_low", "oe_rank_high"):
            self.found[name] = np.full(self.size, np.nan)
        self.found["shrunk_method"] = [None] * self.size

    def _group(self, rows: list[int]) -> dict[str, Any]:
        """Over-dispersion, prior and ranks among the units of one cohort; applied to their ancestors too."""
        every = np.array(rows)
        units = every[(self.is_own & self.able)[every]]
        dispersion = funnel.overdispersion(self.score[units], self.weight[units], self.standardisation.asked.overdispersion)
        if dispersion is not None:
            self._widen(every, dispersion)
        prior = self._prior(units)
        if prior is not None:
            for name, values in zip(
                ("shrunk", "shrunk_low", "shrunk_high"), funnel.shrunk(self.observed[every], self.expected[every], prior), strict=True
            ):
                self.found[name][every] = np.where(self.able[every], values, np.nan)
            for row in every[self.able[every]]:
                self.found["shrunk_method"][row] = f"gamma_{prior.how}"
        self._rank(units)
        grid, start = self._cohort(rows[0])
        return {
            "position": self.standardisation.position, "grid": grid, "cohort_start": start, "n_units": len(units),
            "phi": dispersion.phi if dispersion else None, "tau2": dispersion.tau2 if dispersion else None,
            "n_dispersion": dispersion.n if dispersion else None, "overdispersion_method": self.standardisation.asked.overdispersion,
            "prior_a": prior.a if prior else None, "prior_b": prior.b if prior else None, "prior_mean": prior.mean if prior else None,
            "prior_how": prior.how if prior else None,
            **self._outside(units),
        }  # fmt: skip

    def _widen(self, rows: NDArray[np.int64], dispersion: funnel.Dispersion) -> None:
        """Limits with over-dispersion; where there is none they are the plain ones."""
        on_log = self.standardisation.asked.overdispersion == "log_trimmed"
        for alpha, wide, plain in ((funnel.ALERT, self.wide_alert, self.alert), (funnel.ALARM, self.wide_alarm, self.alarm)):
            if dispersion.tau2 <= 0:
                found = (plain[0][rows], plain[1][rows])
            elif self.standardisation.is_plain_share:
                found = funnel.share_limits_arcsine(np.where(self.able, self.n, np.nan)[rows], self.target[rows], alpha, dispersion.tau2)
            else:
                e = np.where(self.able, self.expected, np.nan)[rows]
                found = (funnel.ratio_limits_log if on_log else funnel.ratio_limits_square_root)(e, alpha, dispersion.tau2)
            wide[0][rows], wide[1][rows] = found
        name = (
            "no over-dispersion"
            if dispersion.tau2 <= 0
            else f"additive, {'arcsine' if self.standardisation.is_plain_share else _SCALES[on_log]}"
        )
        for row in rows[self.able[rows]]:
            self.wide_method[row] = name

    def _prior(self, units: NDArray[np.int64]) -> funnel.Prior | None:
        stated = self.standardisation.asked.prior
        if stated is not None:
            return funnel.Prior(stated.a, stated.b, stated.a / stated.b, "stated")
        return funnel.gamma_prior(self.observed[units], self.expected[units])

    def _rank(self, units: NDArray[np.int64]) -> None:
        if len(units) < 2:
            return
        if self.standardisation.is_plain_share:
            draws = ranks.share_draws(self.observed[units], self.n[units])
        else:
            draws = ranks.ratio_draws(self.observed[units], self.expected[units])
        low, high = ranks.rank_limits(draws)
        ratio = self.ratio[units]
        self.found["oe_rank"][units] = 1 + (ratio[None, :] > ratio[:, None]).sum(axis=1)
        self.found["oe_rank_low"][units], self.found["oe_rank_high"][units] = low, high

    def _outside(self, units: NDArray[np.int64]) -> dict[str, int | None]:
        """How many units fall outside each pair of limits; those outside 99.8 % are outside 95 % too."""
        value = self.value[units]

        def beyond(limits: Sequence[Floats]) -> int | None:
            low, high = limits[0][units], limits[1][units]
            return int(((value < low) | (value > high)).sum()) if np.isfinite(low).all() else None

        return {
            "outside_95": beyond(self.alert), "outside_998": beyond(self.alarm),
            "outside_wide_95": beyond(self.wide_alert), "outside_wide_998": beyond(self.wide_alarm),
        }  # fmt: skip

    def _verdicts(self) -> None:
        """The verdict by the limits with over-dispersion where there is any, else by the plain ones; and the one without it beside it."""
        plain = funnel.codes(self.value, self.alert, self.alarm)
        wide = funnel.codes(self.value, self.wide_alert, self.wide_alarm)  # type: ignore[arg-type]
        code = [second or first for first, second in zip(plain, wide, strict=True)]
        self.found |= {
            "verdict_unadjusted_code": plain, "verdict_code": code, "wide_method": self.wide_method,
            "verdict": [funnel.VERDICTS[one][0] if one else None for one in code],
            "verdict_da": [funnel.VERDICTS[one][1] if one else None for one in code],
        }  # fmt: skip
        for name, values in zip(LIMITS, (*self.wide_alert, *self.wide_alarm), strict=True):
            self.found[f"wide_{name}"] = values
