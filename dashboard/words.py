"""Figures in words: every cell gets a number or says why it has none; nothing is left blank and nothing missing becomes zero."""

import json
import re
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from dashboard import formats
from dashboard.directory import ALL_UNITS, Directory, Label
from dashboard.queries import Row
from dashboard.texts import TEXTS, text

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
STATES_WITH_WORDS = ("immature", "missing", "suppressed", "not_bounded", "no_reference")
SPECIAL_IDS = {
    ALL_UNITS: "word.all_units",
    "(unallocated)": "word.unallocated",
    "(unmatched)": "word.unmatched",
    "(unmapped)": "word.unmapped",
}


@dataclass(frozen=True)
class Words:
    """Turns values into text in one language, for one publication (its k and currency)."""

    language: str
    directory: Directory
    k: int = 5
    currency: str = "DKK"

    def t(self, key: str, **values: object) -> str:
        """A text of the table."""
        return text(key, self.language, **values)

    def maybe(self, prefix: str, code: Any) -> str:
        """The text of a code such as a level or kind; the code itself when there is no text for it."""
        key = f"{prefix}.{code}"
        return self.t(key) if key in TEXTS else str(code if code is not None else "")

    def say(self, label: Label) -> str:
        """A label in this language."""
        return label.say(self.language)

    # names of things
    def unit(self, unit_id: Any) -> str:
        """A unit's name, or what a line such as `(unallocated)` is called."""
        if unit_id in SPECIAL_IDS:
            return self.t(SPECIAL_IDS[unit_id])
        known = self.directory.units.get(unit_id)
        return self.say(known.name) if known else str(unit_id)

    def core_task(self, core_task_id: Any) -> str:
        """A core task's name."""
        if core_task_id in SPECIAL_IDS and core_task_id != ALL_UNITS:
            return self.t(SPECIAL_IDS[core_task_id])
        known = self.directory.core_tasks.get(core_task_id)
        return self.say(known.name) if known else str(core_task_id)

    def output(self, output_id: Any) -> str:
        """An output's name; its event type in plain words when the catalogue gives none."""
        known = self.directory.outputs.get(output_id)
        return self.say(known) if known else str(output_id).replace("_", " ").replace(".", ": ", 1)

    def cohort(self, cohort: Any) -> str:
        """A cohort: `all`, or its period."""
        return self.t("word.all_cohorts") if cohort in (None, "all") else str(cohort)

    def in_cohort(self, cohort: Any) -> str:
        """A cohort inside a sentence: its period keeps its own letters."""
        name = self.cohort(cohort)
        return name.lower() if cohort in (None, "all") else name

    def indicator(self, indicator_id: Any) -> str:
        """An indicator's name."""
        known = self.directory.indicators.get(indicator_id)
        return self.say(known.name) if known else str(indicator_id)

    def period(self, period: Any) -> str:
        """A period of money or outputs."""
        return self.t("word.all_periods") if period in (None, "all") else str(period)

    def source(self, source: Any) -> str:
        """A source of events as the tables name it; the tail of a long one is what tells them apart."""
        name = str(source)
        return name if len(name) <= 60 else "\u2026" + name[-59:]

    def duration(self, horizon: Any) -> str:
        """ISO 8601 durations in words (`P26W + P26W`: 26 weeks + 26 weeks); the name of a date field as it stands."""
        return " + ".join(self._one_duration(part) for part in str(horizon).split(" + "))

    def _one_duration(self, horizon: str) -> str:
        parts = _DURATION.fullmatch(horizon)
        if parts is None or not any(parts.groups()):
            return horizon
        named = zip(("year", "month", "week", "day"), parts.groups(), strict=True)
        return " ".join(f"{int(n)} {self.t(f'span.{unit}.one' if int(n) == 1 else f'span.{unit}.many')}" for unit, n in named if n)

    # choices in a form: (value, text)
    def cohort_options(self, cohorts: list[str]) -> list[tuple[str, str]]:
        """Cohorts to choose from."""
        return [(cohort, self.cohort(cohort)) for cohort in cohorts]

    def options(self, prefix: str, codes: list[str]) -> list[tuple[str, str]]:
        """Codes to choose from."""
        return [(code, self.maybe(prefix, code)) for code in codes]

    def unit_options(self, units: list[str]) -> list[tuple[str, str]]:
        """Units to choose from."""
        return [(unit, self.unit(unit)) for unit in units]

    def pretty(self, definition: dict[str, Any]) -> str:
        """A definition as readable JSON."""
        return json.dumps(definition, ensure_ascii=False, indent=2, default=str)

    # cells
    def quality_count(self, row: Row, column: str) -> str:
        """A count of a check; a dash where the check does not count that."""
        value = row.get(column)
        return "\u2013" if value is None else self.number(value)

    def exact_ore(self, ore: Any) -> str:
        """An amount to the oere, for the reconciliation."""
        return "\u2013" if ore is None else self.number(ore / 100, 2)

    def absent(self, row: Row, missing: str = "cell.missing") -> Markup:
        """Why a cell has no number, as short words."""
        state = row.get("state")
        key = missing if state == "missing" else f"cell.{state}" if state in STATES_WITH_WORDS else "cell.not_stated"
        return Markup('<span class="absent">{}</span>').format(self.t(key))

    def count(self, row: Row, column: str) -> str | Markup:
        """A whole number of people or events."""
        value = row.get(column)
        return self._hidden_or_absent(row, column) if value is None else formats.number(value, self.language)

    def _hidden_or_absent(self, row: Row, column: str) -> Markup:
        """A row may be final while one small count in it is hidden: `hidden` names those columns."""
        hidden = (row.get("hidden") or "").replace(" ", "").split(",")
        return self.absent({"state": "suppressed"} if column in hidden else row)

    def share(self, row: Row, column: str = "share") -> str | Markup:
        """A share as per cent."""
        value = row.get(column)
        return self._hidden_or_absent(row, column) if value is None else formats.percent(value, self.language)

    def share_interval(self, row: Row, column: str = "share") -> str | Markup:
        """The interval of a share; nothing where the share itself says why it is absent."""
        low, high = row.get(f"{column}_low"), row.get(f"{column}_high")
        if low is None or high is None:
            return "" if row.get(column) is None else self.absent({})
        return self.between(formats.number(100 * low, self.language, 1), formats.percent(high, self.language))

    def rate(self, row: Row, column: str, missing: str = "cell.no_cost") -> str | Markup:
        """A rate such as effects per million kroner."""
        value = row.get(column)
        return self.absent(row, missing) if value is None else formats.significant(value, self.language)

    def rate_interval(self, row: Row, low_column: str, high_column: str) -> str:
        """The interval of a rate, empty where there is none."""
        low, high = row.get(low_column), row.get(high_column)
        if low is None or high is None:
            return ""
        return self.between(formats.significant(low, self.language), formats.significant(high, self.language))

    def ore(self, row: Row, column: str, missing: str = "cell.no_cost") -> str | Markup:
        """An amount in oere as kroner."""
        value = row.get(column)
        return self.absent(row, missing) if value is None else formats.kroner(value, self.language, row.get("currency") or self.currency)

    def kroner(self, value: float) -> str:
        """An amount in kroner."""
        return formats.kroner(100 * value, self.language, self.currency)

    def number(self, value: float, decimals: int = 0) -> str:
        """A plain number."""
        return formats.number(value, self.language, decimals)

    def percent(self, value: float, decimals: int = 1) -> str:
        """A share as per cent."""
        return formats.percent(value, self.language, decimals)

    def date(self, value: Any) -> str:
        """A date in words."""
        return formats.date(value, self.language)

    def validity(self, row: Row) -> str:
        """From when to when a definition is valid."""
        start, end = row.get("valid_from"), row.get("valid_to")
        key = {(False, False): "always", (True, False): "from", (False, True): "to"}.get((start is not None, end is not None), "between")
        return self.t(f"valid.{key}", start=self.date(start), end=self.date(end))

    def listed(self, json_list: Any, otherwise: str) -> str:
        """A JSON list of texts in one line."""
        return ", ".join(str(one) for one in json.loads(json_list or "[]")) or self.t(otherwise)

    def measure(self, code: str) -> str:
        """What was asked or registered; in plain words where there is no text for it."""
        named = self.maybe("measure", code)
        return named.removeprefix("time:").replace("_", " ").replace(":", ": ") if named == code else named

    def verdict_of(self, row: Row) -> str | Markup:
        """How a unit compares with what was expected, in words; why not where it cannot be said."""
        said = row.get("verdict_da" if self.language == "da" else "verdict")
        return str(said) if said else self.absent({"state": row.get("expected_state") or "no_reference"})

    def beside_expected(self, row: Row) -> str:
        """What was expected beside what was observed, and the verdict, in a sentence; empty where it cannot be said."""
        return self._of_expected("words.beside_expected", row, verdict=self.verdict_of(row))

    def expected_beside(self, row: Row) -> str:
        """How many effects were expected, and observed over expected with its interval, in short; empty where it cannot be said."""
        return self._of_expected("words.expected_short", row)

    def _of_expected(self, key: str, row: Row, **values: object) -> str:
        interval = self.ratio_interval(row, "oe_low", "oe_high")
        if row.get("expected") is None or row.get("observed_over_expected") is None or not interval:
            return ""
        numbers = {"expected": self.number(row["expected"], 1), "ratio": self.number(row["observed_over_expected"], 2)}
        return self.t(key, **numbers, interval=interval, **values)

    def curve_interval(self, row: Row) -> str | Markup:
        """The interval of a point of a curve; that nobody is there yet where it therefore has none."""
        if row.get("incidence") == 0 and row.get("incidence_low") is None:
            return Markup('<span class="absent">{}</span>').format(self.t("time.nobody_yet"))
        return self.share_interval(row, "incidence") or self.share(row, "incidence")

    def not_by_krone(self) -> Markup:
        """In place of effects per krone, where the indicator does not speak for its core task's kroner."""
        return Markup('<span class="absent">{}</span>').format(self.t("cell.not_by_krone"))

    def dates(self, listed: str) -> str:
        """Dates with commas between them, in words."""
        return ", ".join(self.date(day.strip()) for day in listed.split(","))

    def unit_change(self, row: Row) -> str:
        """What happened to a unit, in a sentence."""
        return self.t(f"unit_change.{row['change']}", unit=self.unit(row["unit_id"]), other=self.unit(row["other_unit_id"]))

    def moment(self, value: Any) -> str:
        """A moment in words."""
        return formats.moment(value, self.language)

    def between(self, low: str, high: str) -> str:
        """Two edges as one range."""
        return f"{low}\u2013{high}"

    def rank(self, row: Row, column: str) -> str | Markup:
        """A rank; words where there is none."""
        value = row.get(column)
        if value is None:
            key = "cell.suppressed" if row.get("state") == "suppressed" else "cell.no_rank"
            return Markup('<span class="absent">{}</span>').format(self.t(key))
        return self.number(value, 0 if float(value).is_integer() else 1)

    def ranks_between(self, row: Row, low: str, high: str) -> str:
        """The ranks that chance allows; empty where there is no rank."""
        return "" if row.get(low) is None or row.get(high) is None else self.between(self.number(row[low]), self.number(row[high]))

    # expected and observed
    def verdict(self, code: str | None) -> str:
        """How a unit compares with what was expected, in words."""
        return self.t(f"verdict.{code or 'none'}")

    def ratio(self, row: Row, column: str) -> str | Markup:
        """A ratio such as observed over expected."""
        value = row.get(column)
        return self.absent({}) if value is None else self.number(value, 2)

    def ratio_interval(self, row: Row, low: str, high: str) -> str:
        """The interval of a ratio, empty where there is none."""
        return "" if row.get(low) is None or row.get(high) is None else self.between(self.number(row[low], 2), self.number(row[high], 2))

    def quantity(self, row: Row, column: str, decimals: int = 0) -> str | Markup:
        """A number of effects or of time units; the observed ones are whole."""
        value = row.get(column)
        return self.absent(row) if value is None else self.number(value, decimals)

    def outside(self, summary: Row, limits: str) -> str | Markup:
        """How many units lie outside the 95 % limits."""
        value = summary.get("outside_wide_95" if limits == "wide" else "outside_95")
        return self.absent(summary) if value is None else self.number(value)

    def dispersion(self, summary: Row) -> str:
        """How much the units vary beside what chance gives, in a sentence."""
        if summary.get("phi") is None:
            return self.t("expected.dispersion.none")
        return self.t("expected.dispersion", phi=self.number(summary["phi"], 1), n=self.number(summary.get("n_dispersion") or 0))

    def points(self, gap: float) -> str:
        """A difference between two shares in percentage points, with its direction."""
        return self.t("points.more" if gap >= 0 else "points.less", n=self.number(100 * abs(gap), 1))

    def found_longer(self, row: Row) -> str:
        """Observed over expected with its interval, in a sentence."""
        values = {"ratio": row["observed_over_expected"], "low": row["oe_low"], "high": row["oe_high"]}
        return self.t("findings.row", **{name: "\u2013" if value is None else self.number(value, 2) for name, value in values.items()})

    def found_places(self, row: Row) -> str:
        """The ranks by outputs and by effect, in a sentence."""
        low, high = self.number(row["effect_rank_low"]), self.number(row["effect_rank_high"])
        ranks = low if low == high else self.between(low, high)
        return self.t("findings.places", outputs=self.number(row["output_rank"]), effects=ranks)

    def link_figure(self, row: Row) -> str:
        """What an effect in one core task goes with in another, in a sentence; empty where it may not be told."""
        if row.get("difference") is None or row.get("with_share") is None or row.get("without_share") is None:
            return ""
        low, high = (self.number(100 * row[name], 1) for name in ("difference_low", "difference_high"))
        return self.t("link.with", with_=self.percent(row["with_share"]), without=self.percent(row["without_share"]), low=low, high=high)

    # what changed
    def plain_type(self, name: str) -> str:
        """An event type in plain words."""
        return str(name).replace("_", " ").replace(".", ": ", 1)

    def change_indicators(self, indicators: list[str]) -> list[tuple[str, str]]:
        """Indicators to choose from; `all` is every one."""
        return [(one, self.t("changes.everything") if one == "all" else self.indicator(one)) for one in indicators]

    def change_units(self, units: list[str]) -> list[tuple[str, str]]:
        """Units to choose from; `all` is every one."""
        return [(one, self.t("changes.everything") if one == "all" else self.unit(one)) for one in units]

    def changed_share(self, row: Row, side: str) -> str | Markup:
        """A share before or after; why it is not there where it may not be told."""
        if row["hidden"] is not None:
            return Markup('<span class="absent">{}</span>').format(
                self.t("changes.a_few" if row["hidden"] == "a few" else "cell.suppressed")
            )
        value = row[side].get("share")
        return self.absent({"state": row[f"state_{side}"] or "missing"}) if value is None else self.percent(value)

    def changed_rate(self, row: Row) -> str | Markup:
        """Effects per million kroner before and after."""
        values = [row[side].get("effects_per_million") for side in ("before", "after")]
        if None in values:
            return self.absent({})
        return " \u2192 ".join(formats.significant(value, self.language) for value in values)

    def change_causes(self, row: Row) -> str:
        """Which causes had a part in the change, with their part of the share where it may be told."""
        parts = row["by_cause"].get("share", {})
        told = [
            f"{self.maybe('cause', cause)} {self.signed_points(parts[cause])}" if cause in parts else self.maybe("cause", cause)
            for cause in row["causes"]
        ]
        return ", ".join(told) or self.t("cause.unknown")

    def signed_points(self, part: float) -> str:
        """A part of a change of a share, in percentage points with its sign."""
        sign = "+" if part > 0 else "\u2212"
        return f"({sign}{self.number(100 * abs(part), 1)})"

    def method(self, code: Any) -> str:
        """A method's name."""
        return self.maybe("method", code) if code else ""

    def kroner_per_effect(self, row: Row) -> str | Markup:
        """Kroner per effect with its interval; `not bounded` where the interval has no upper end."""
        value, low, high = row.get("kroner_per_effect"), row.get("kpe_low"), row.get("kpe_high")
        unbounded = row.get("kpe_bounded") is False or row.get("state") == "not_bounded"
        if value is None and not unbounded:
            return self.absent(row, "cell.no_cost")
        ending = Markup('<span class="absent">{}</span>').format(self.t("cell.not_bounded"))
        if value is None:
            return ending
        if unbounded or low is None or high is None:
            return Markup('{} <span class="interval">{}</span>').format(self.kroner(value), ending)
        edges = self.between(self.number(low), self.kroner(high))
        return Markup('{} <span class="interval">{}</span>').format(self.kroner(value), edges)

    def effects(self, row: Row) -> str | Markup:
        """Attributed effects: whole ones without decimals."""
        value = row.get("attributed_effects")
        if value is None:
            return self.absent(row)
        return self.number(value, 0 if float(value).is_integer() else 1)

    def own_basis(self, row: Row) -> str:
        """What decided the shares, where it was not what the rule asks for; empty where it was."""
        as_asked = row.get("attribution") in ("lead", "equal") or row.get("attribution_basis") != "equal"
        return "" if as_asked else self.t("rules.basis")

    def net_benefit(self, row: Row) -> str | Markup:
        """Net benefit in kroner with its interval; `not stated` where the catalogue gives an effect no value."""
        if row.get("net_benefit_ore") is None:
            return self.absent({} if row.get("state") in ("final", "not_bounded") else row, "cell.no_cost")
        shown = self.ore(row, "net_benefit_ore")
        low, high = row.get("net_low_ore"), row.get("net_high_ore")
        if low is None or high is None:
            return shown
        edges = self.t("words.span", low=self.number(low / 100), high=self.number(high / 100))
        return Markup('{} <span class="interval">{}</span>').format(shown, edges)

    def rank_interval(self, row: Row) -> str | Markup:
        """The ranks that the intervals allow."""
        low, high = row.get("effect_rank_low"), row.get("effect_rank_high")
        if low is None or high is None:
            return "" if row.get("effect_rank") is None else self.absent({})
        return self.between(self.number(low), self.number(high))

    def hours(self, row: Row) -> str | Markup:
        """Minutes as hours."""
        minutes = row.get("minutes")
        return self._absent_output(row) if minutes is None else self.number(minutes / 60)

    def participants(self, row: Row) -> str | Markup:
        """Participants, where the events state them."""
        value = row.get("participants")
        return self._absent_output(row) if value is None else self.number(value)

    def _absent_output(self, row: Row) -> Markup:
        return self.absent(row if row.get("events") is None else {})

    def output_count(self, row: Row | None, unit_id: str) -> str | Markup:
        """The output count beside an effect; ancestors have none of their own."""
        if row is None:
            return self.absent({} if unit_id == ALL_UNITS else {"state": "missing"})
        return self.count(row, "outputs")

    # sentences
    def state(self, row: Row) -> str:
        """The state in one word."""
        return self.maybe("state", row.get("state"))

    def why(self, row: Row, missing: str = "long.missing") -> str:
        """The state in a sentence."""
        state = row.get("state") or "missing"
        if state == "missing":
            return self.t(missing)
        if state == "immature":
            return self._immature(row)
        return self.t(f"long.{state}", k=self.k) if f"long.{state}" in TEXTS else str(row.get("reason") or state)

    def gate(self, verdict: Any) -> str:
        """What the quality gate said of this publication."""
        if verdict is None:
            return self.t("quality.gate_unknown")
        found = verdict if isinstance(verdict, dict) else {"passed": bool(verdict)}
        failed, checks = found.get("failed"), found.get("checks")
        failed, checks = (len(value) if isinstance(value, list) else value for value in (failed, checks))
        if found.get("passed", found.get("success")) is False:
            return self.t("quality.gate_failed", failed=failed or "?")
        return self.t("quality.gate_passed", checks=self.number(checks)) if checks else self.t("quality.gate_passed_plain")

    def held_against(self, held: dict[str, Any] | None) -> str:
        """How many cells differ by few persons from the publication before; empty where there was none."""
        if not held:
            return ""
        if held.get("few_changed") is None:
            return self.t("quality.held_not_told", version=held["version"])
        counts = {name: self.number(held[name]) for name in ("compared", "few_changed", "shown_before", "k")}
        return self.t("quality.held", version=held["version"], **counts)

    def _immature(self, row: Row) -> str:
        pending, size = row.get("pending"), row.get("cohort_size")
        if pending is None or size is None:
            return self.t("long.immature.plain")
        return self.t("long.immature", pending=self.number(pending), cohort_size=self.number(size))

    def counted(self, row: Row) -> str:
        """The counts and interval behind a share, in a sentence; empty where the share is absent."""
        if row.get("share") is None or row.get("denominator") is None or row.get("share_low") is None:
            return ""
        low, high = (self.percent(row[edge]) for edge in ("share_low", "share_high"))
        return self.t("words.counts", achieved=self.count(row, "achieved"), denominator=self.count(row, "denominator"), low=low, high=high)

    def estimated(self, row: Row) -> str:
        """The estimate for everybody, in a sentence; empty where there is none."""
        if row.get("estimate") is None or row.get("estimate_low") is None or row.get("estimate_high") is None:
            return ""
        values = {"estimate": row["estimate"], "low": row["estimate_low"], "high": row["estimate_high"]}
        return self.t("words.estimate", **{name: self.percent(value) for name, value in values.items()})

    def methods(self, rows: list[Row]) -> str:
        """Which methods stand behind the intervals of these rows."""
        named = {
            column: sorted({self.method(row[column]) for row in rows if row.get(column)}) for column in ("share_method", "estimate_method")
        }
        share, estimate = (", ".join(names) or "\u2013" for names in named.values())
        return self.t("words.methods", share=share, estimate=estimate)

    def krone_sentence(self, row: Row) -> str:
        """Effects per million kroner with interval, in words; empty where there is none."""
        if row.get("effects_per_million") is None or row.get("epm_low") is None or row.get("epm_high") is None:
            return ""
        rate, low, high = (formats.significant(row[name], self.language) for name in ("effects_per_million", "epm_low", "epm_high"))
        return self.t("words.epm", rate=rate, low=low, high=high)

    def reasons(self, rows: list[Row], missing: str = "long.missing") -> list[tuple[str, str]]:
        """Each state among the rows that leaves cells without a number: (state in a word, why), once."""
        found: dict[str, str] = {}
        for row in rows:
            state = str(row.get("state") or "")
            if state in STATES_WITH_WORDS:
                plain = {name: value for name, value in row.items() if name not in ("pending", "cohort_size")}
                found.setdefault(state, self.why(plain, missing))
        if any(row.get("hidden") for row in rows):
            found.setdefault("suppressed", self.why({"state": "suppressed"}))
        return [(self.maybe("state", state), why) for state, why in found.items()]


def paragraph(value: str) -> Markup:
    """A text of the catalogue as paragraphs; escaped."""
    parts = [part.strip() for part in value.split("\n\n") if part.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(escape(part)) for part in parts)
