"""What a publication must live up to, as data: rules that people read and own, run by Great Expectations, and invariants as SQL.

Each suite is one table as a frame (`query`, so that long tables come summed up) and its rules. A rule is the name of an expectation and
its arguments; `why` is what is said when it fails. `$k` and `$currency` are the municipality's.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from models.gate import Severity
from pipelines.tables import BY_NAME, STATES, TABLES, Table

Category = Literal["grain", "counts", "bounds", "money", "disclosure", "state", "contract", "drift"]


@dataclass(frozen=True)
class Rule:
    """One expectation of a frame's column.

    severity  block: a mart that breaks it is not published; warn: it is, and the finding is said. A catalogue may say another
    """

    category: Category
    expectation: str
    why: str
    arguments: dict[str, Any] = field(default_factory=dict)
    severity: Severity = "block"

    @property
    def column(self) -> str:
        """The column of the frame that it looks at."""
        return str(self.arguments["column"])


@dataclass(frozen=True)
class Suite:
    """The rules of one frame.

    keys         columns of the frame that name a row when a rule fails; never a value, never a person
    with_before  the query also reads the publication before, attached as `before`; left out when there is none
    """

    name: str
    query: str
    rules: tuple[Rule, ...]
    keys: tuple[str, ...] = ()
    with_before: bool = False

    def rule_id(self, rule: Rule) -> str:
        """The name by which a finding and the catalogue speak of a rule."""
        return f"{self.name}.{rule.column}"

    @property
    def names_rows_by(self) -> tuple[str, ...]:
        """Columns that name a row of the frame: those given, else the key of the table of the same name."""
        return self.keys or (BY_NAME[self.name].key if self.name in BY_NAME else ())


def _zero(column: str, category: Category, why: str) -> Rule:
    return Rule(category, "ExpectColumnValuesToBeBetween", why, {"column": column, "min_value": 0, "max_value": 0})


def _between(column: str, low: float | None, high: float | None, category: Category, why: str) -> Rule:
    return Rule(category, "ExpectColumnValuesToBeBetween", why, {"column": column, "min_value": low, "max_value": high})


def _filled(column: str, why: str) -> Rule:
    return Rule("grain", "ExpectColumnValuesToNotBeNull", why, {"column": column})


def _one_of(column: str, values: tuple[str, ...], category: Category, why: str) -> Rule:
    return Rule(category, "ExpectColumnValuesToBeInSet", why, {"column": column, "value_set": list(values)})


STATE_RULE = _one_of("state", STATES, "state", "a state must be one of the documented ones")

EFFECT = Suite(
    "effect_by_unit",
    """
    SELECT *,
        cohort_size - pending - matured AS not_pending_nor_matured,
        matured - achieved - not_achieved - competing - censored - unmeasured AS matured_without_outcome,
        denominator - achieved - not_achieved - competing AS denominator_gap,
        abs(share - achieved / nullif(denominator, 0)) AS share_gap,
        CASE WHEN share < share_low OR share > share_high THEN 1 ELSE 0 END AS share_outside,
        CASE WHEN estimate < estimate_low OR estimate > estimate_high THEN 1 ELSE 0 END AS estimate_outside,
        CASE WHEN state <> 'final' AND reason IS NULL THEN 1 ELSE 0 END AS unexplained,
        CASE WHEN state = 'suppressed' AND coalesce(achieved, denominator, share, estimate) IS NOT NULL THEN 1 ELSE 0 END
            AS shown_though_suppressed,
        least(
            CASE WHEN cohort_size > 0 THEN cohort_size END, CASE WHEN pending > 0 THEN pending END, CASE WHEN matured > 0 THEN matured END,
            CASE WHEN achieved > 0 THEN achieved END, CASE WHEN not_achieved > 0 THEN not_achieved END,
            CASE WHEN competing > 0 THEN competing END, CASE WHEN censored > 0 THEN censored END,
            CASE WHEN unmeasured > 0 THEN unmeasured END, CASE WHEN denominator > 0 THEN denominator END,
            CASE WHEN cohort_size > denominator AND denominator > 0 THEN cohort_size - denominator END,
            CASE WHEN denominator > achieved THEN denominator - achieved END
        ) AS smallest
    FROM mart.effect_by_unit
    """,
    (
        _filled("unit_id", "each row stands at a unit"),
        _filled("indicator_id", "each row is of an indicator"),
        _filled("cohort", "each row is of a cohort"),
        STATE_RULE,
        _zero("not_pending_nor_matured", "counts", "cohort_size must be pending + matured"),
        _zero("matured_without_outcome", "counts", "the outcomes must add up to matured"),
        _zero("denominator_gap", "counts", "denominator must be matured less censored and unmeasured"),
        _between("share", 0, 1, "bounds", "a share lies between 0 and 1"),
        _between("share_gap", 0, 1e-12, "bounds", "share must be achieved / denominator"),
        _zero("share_outside", "bounds", "a share lies within its limits"),
        _between("estimate", 0, 1, "bounds", "an estimate lies between 0 and 1"),
        _zero("estimate_outside", "bounds", "an estimate lies within its limits"),
        _zero("unexplained", "state", "what is not final says why"),
        _zero("shown_though_suppressed", "disclosure", "a suppressed cell shows no effects"),
        _between("smallest", "$k", None, "disclosure", "no count or difference of counts below k"),  # type: ignore[arg-type]
    ),
)

CURVE = Suite(
    "effect_curve",
    """
    SELECT unit_id, indicator_id, indicator_version, cohort,
        max(CASE WHEN incidence < 0 OR incidence > 1 OR survival < 0 OR survival > 1 THEN 1 ELSE 0 END) AS outside,
        max(incidence - next_incidence) AS falling,
        max(next_at_risk - at_risk) AS growing,
        max(survival + incidence) AS in_all,
        min(at_risk) AS smallest_at_risk,
        min(least(
            CASE WHEN events > 0 THEN events END, CASE WHEN competing > 0 THEN competing END, CASE WHEN censored > 0 THEN censored END
        )) AS smallest
    FROM (
        SELECT *,
            lead(incidence) OVER curve_of AS next_incidence,
            lead(at_risk) OVER curve_of AS next_at_risk
        FROM mart.effect_curve
        WINDOW curve_of AS (PARTITION BY unit_id, indicator_id, indicator_version, cohort ORDER BY time)
    )
    GROUP BY ALL
    """,
    (
        _zero("outside", "bounds", "incidence and survival lie between 0 and 1"),
        _between("falling", None, 1e-12, "bounds", "an incidence never falls"),
        _between("growing", None, 0, "counts", "nobody joins those at risk"),
        _between("in_all", None, 1 + 1e-9, "bounds", "effect and being in play are together at most everybody"),
        _between("smallest_at_risk", "$k", None, "disclosure", "no time of a curve is told at which fewer than k are at risk"),  # type: ignore[arg-type]
        _between("smallest", "$k", None, "disclosure", "no count below k"),  # type: ignore[arg-type]
    ),
    ("unit_id", "indicator_id", "indicator_version", "cohort"),
)

KRONE = Suite(
    "effect_per_krone",
    """
    SELECT *,
        CASE WHEN effects_per_million < epm_low OR effects_per_million > epm_high THEN 1 ELSE 0 END AS outside,
        CASE WHEN state NOT IN ('final', 'not_bounded')
            AND coalesce(effects_per_million, kroner_per_effect, net_benefit_ore) IS NOT NULL THEN 1 ELSE 0 END AS shown_though_not_ready,
        CASE WHEN state IN ('suppressed', 'immature') AND attributed_effects IS NOT NULL THEN 1 ELSE 0 END AS counted_though_hidden,
        CASE WHEN effects_per_million IS NOT NULL AND (cost_ore IS NULL OR cost_ore <= 0) THEN 1 ELSE 0 END AS without_cost,
        CASE WHEN state <> 'final' AND reason IS NULL THEN 1 ELSE 0 END AS unexplained
    FROM mart.effect_per_krone
    """,
    (
        STATE_RULE,
        _between("effects_per_million", 0, None, "bounds", "effects per million kroner are not negative"),
        _zero("outside", "bounds", "effects per million lie within their limits"),
        _zero("shown_though_not_ready", "state", "no ratio where the cohort is immature, its cost missing, or its cell suppressed"),
        _zero("counted_though_hidden", "disclosure", "no effects of suppressed or immature cohorts"),
        _zero("without_cost", "money", "no ratio without booked cost"),
        _zero("unexplained", "state", "what is not final says why"),
    ),
)

COST = Suite(
    "cost_by_unit",
    """
    SELECT *,
        direct_ore - expenditure_ore - income_ore AS sides_gap,
        nominal_ore - direct_ore - allocated_ore AS ways_gap
    FROM mart.cost_by_unit
    """,
    (
        _filled("unit_id", "each row stands at a unit"),
        _filled("core_task_id", "each row is of a core task, or says that it is of none"),
        _one_of("kind", ("actual", "budget"), "money", "a posting is actual or budget"),
        _zero("sides_gap", "money", "expenditure and income must add up to what is booked"),
        _zero("ways_gap", "money", "direct and allocated must add up to the sum"),
    ),
)

LEDGER = Suite(
    "ledger_reconciliation",
    "SELECT * FROM mart.ledger_reconciliation",
    (_zero("difference_ore", "money", "the mart must hold the ledger to the oere"),),
)

CLASSES = Suite(
    "ledger_by_class",
    "SELECT * FROM mart.ledger_by_class",
    (_zero("difference_ore", "money", "every ledger line must end in exactly one class, at its unit and in its period"),),
)

OUTPUT = Suite(
    "output_by_unit",
    "SELECT *, CASE WHEN participants > 0 THEN participants END AS some_participants FROM mart.output_by_unit",
    (
        STATE_RULE,
        _between("minutes", 0, None, "bounds", "minutes are not negative"),
        _between("events", "$k", None, "disclosure", "no count below k"),  # type: ignore[arg-type]
        _between("some_participants", "$k", None, "disclosure", "no count below k"),  # type: ignore[arg-type]
    ),
)

AMOUNT = Suite(
    "amount_by_unit",
    "SELECT * FROM mart.amount_by_unit",
    (STATE_RULE, _between("subjects", "$k", None, "disclosure", "no amount of fewer than k persons")),  # type: ignore[arg-type]
)

BESIDE = Suite(
    "output_vs_effect",
    "SELECT *, CASE WHEN outputs > 0 THEN outputs END AS some_outputs FROM mart.output_vs_effect",
    (
        STATE_RULE,
        _between("coverage", 0, 1, "bounds", "coverage is a share"),
        _between("some_outputs", "$k", None, "disclosure", "no count below k"),  # type: ignore[arg-type]
    ),
)

FUNNEL = Suite(
    "funnel",
    """
    SELECT *,
        CASE WHEN observed_over_expected < oe_low OR observed_over_expected > oe_high THEN 1 ELSE 0 END AS outside,
        CASE WHEN low_998 > low_95 OR low_95 > high_95 OR high_95 > high_998 THEN 1 ELSE 0 END AS limits_crossed,
        CASE WHEN oe_rank IS NOT NULL AND (oe_rank_low IS NULL OR oe_rank_high < oe_rank_low) THEN 1 ELSE 0 END AS rank_without_limits,
        CASE WHEN verdict_code IS NOT NULL AND verdict IS NULL THEN 1 ELSE 0 END AS without_words,
        CASE WHEN state NOT IN ('final', 'immature') AND coalesce(observed_over_expected, value, shrunk) IS NOT NULL THEN 1 ELSE 0 END
            AS shown_though_not_ready,
        CASE WHEN state NOT IN ('final', 'immature', 'not_bounded') AND coalesce(observed, expected) IS NOT NULL THEN 1 ELSE 0 END
            AS counted_though_hidden,
        CASE WHEN state <> 'final' AND reason IS NULL THEN 1 ELSE 0 END AS unexplained
    FROM mart.funnel
    """,
    (
        STATE_RULE,
        _between("compared", "$k", None, "disclosure", "no count below k"),  # type: ignore[arg-type]
        _zero("outside", "bounds", "observed over expected lies within its limits"),
        _zero("limits_crossed", "bounds", "limits at 99.8 % lie outside those at 95 %"),
        _zero("rank_without_limits", "bounds", "no rank without the limits that chance gives it"),
        _zero("without_words", "state", "a verdict is said in words"),
        _zero("shown_though_not_ready", "state", "no ratio where there is nothing to compare with"),
        _zero("counted_though_hidden", "disclosure", "no observed or expected number of a hidden cell"),
        _zero("unexplained", "state", "what is not final says why"),
    ),
)

COMPARISON = Suite(
    "comparison",
    """
    SELECT *,
        CASE WHEN difference < difference_low OR difference > difference_high THEN 1 ELSE 0 END AS outside,
        CASE WHEN state = 'suppressed' AND coalesce(treated_counted, control_counted, difference) IS NOT NULL THEN 1 ELSE 0 END
            AS shown_though_suppressed,
        CASE WHEN state <> 'final' AND reason IS NULL THEN 1 ELSE 0 END AS unexplained,
        CASE WHEN design = 'before_after' AND evidence_level <> 'descriptive' THEN 1
            WHEN design = 'roll_out' AND evidence_level = 'experimental' THEN 1
            WHEN design = 'parallel' AND NOT randomised AND evidence_level IN ('controlled', 'experimental') THEN 1
            ELSE 0 END AS claims_too_much,
        CASE WHEN kroner_per_extra_effect <= 0 THEN 1 ELSE 0 END AS negative_price,
        least(
            CASE WHEN treated_counted > 0 THEN treated_counted END, CASE WHEN control_counted > 0 THEN control_counted END,
            CASE WHEN treated_achieved > 0 THEN treated_achieved END, CASE WHEN control_achieved > 0 THEN control_achieved END,
            CASE WHEN treated_counted > treated_achieved THEN treated_counted - treated_achieved END,
            CASE WHEN control_counted > control_achieved THEN control_counted - control_achieved END
        ) AS smallest
    FROM mart.comparison
    """,
    (
        STATE_RULE,
        _zero("outside", "bounds", "a difference lies within its limits"),
        _zero("shown_though_suppressed", "disclosure", "a suppressed comparison shows no figures"),
        _zero("unexplained", "state", "what is not final says why"),
        _zero("claims_too_much", "state", "no comparison claims a higher level of evidence than its design deserves"),
        _zero("negative_price", "money", "a negative ratio is no price"),
        _between("smallest", "$k", None, "disclosure", "no count or difference of counts below k"),  # type: ignore[arg-type]
    ),
)

CONDITIONS = Suite(
    "work_conditions",
    "SELECT *, CASE WHEN answers > 0 THEN answers END AS some_answers FROM mart.work_conditions",
    (
        STATE_RULE,
        _between("value", 0, 1, "bounds", "scores and shares of time lie between 0 and 1"),
        _between("some_answers", "$k", None, "disclosure", "no answers of fewer than k"),  # type: ignore[arg-type]
    ),
)

SUPPRESSION = Suite(
    "suppression",
    """SELECT source, n AS withheld FROM mart.data_quality WHERE "check" = 'withheld_indicator'""",
    (
        replace(
            _zero("withheld", "state", "an indicator is withheld as a whole: small counts in it could not be proven safe otherwise"),
            severity="warn",
        ),
    ),
    ("source",),
)

SUITES = (FUNNEL, EFFECT, CURVE, KRONE, COST, LEDGER, CLASSES, OUTPUT, AMOUNT, BESIDE, COMPARISON, CONDITIONS, SUPPRESSION)


def _doubles(table: Table) -> str:
    """SQL for the keys that stand more than once. Table and column names are our own."""
    key = ", ".join(f'"{column}"' for column in table.key)
    return f'SELECT {key} FROM mart."{table.name}" GROUP BY {key} HAVING count(*) > 1'  # noqa: S608


def invariants() -> dict[str, str]:
    """Name -> SQL that counts violations in a mart: grains, which concern every row, and references between tables."""
    return {name: f"SELECT count(*) FROM ({query})" for name, query in violations().items()}  # noqa: S608 - our own text


def violations() -> dict[str, str]:
    """Name of an invariant -> SQL for the keys of the rows that break it, one row each."""
    grains = {f"{table.name}: one row per {table.grain}": _doubles(table) for table in TABLES}
    return grains | {
        "effect_by_unit: every indicator is described": (
            "SELECT e.unit_id, e.indicator_id, e.cohort FROM mart.effect_by_unit AS e ANTI JOIN mart.dim_indicator AS d"
            " ON d.indicator_id = e.indicator_id AND d.version = e.indicator_version"
        ),
        "effect_by_unit: every unit is described": (
            "SELECT unit_id, indicator_id, cohort FROM mart.effect_by_unit ANTI JOIN mart.dim_unit USING (unit_id)"
            " WHERE unit_id NOT IN ('(all)', '(unmatched)')"
        ),
        "effect_by_unit: periods of one length add up to all (I6)": (
            "WITH part AS (SELECT unit_id, indicator_id, indicator_version, date_diff('month', cohort_start, cohort_end) AS length,"
            " sum(cohort_size) AS parts, count_if(cohort_size IS NULL) AS hidden FROM mart.effect_by_unit"
            " ANTI JOIN (SELECT indicator_id, version AS indicator_version FROM mart.dim_indicator WHERE kind = 'reported')"
            " USING (indicator_id, indicator_version) WHERE cohort <> 'all' GROUP BY ALL)"
            " SELECT unit_id, indicator_id, length AS months FROM part"
            " JOIN mart.effect_by_unit AS whole USING (unit_id, indicator_id, indicator_version)"
            " WHERE whole.cohort = 'all' AND part.hidden = 0 AND part.parts <> whole.cohort_size"
        ),
        "cost_by_unit: what is passed on is received (I6)": (
            "SELECT period, kind, currency FROM mart.cost_by_unit GROUP BY ALL HAVING sum(allocated_ore) <> 0"
        ),
        "cost_by_unit: each class holds what the ledger has of it (I6)": (
            "WITH ledger AS (UNPIVOT (SELECT kind, currency, COLUMNS('^(.*)_ore$') AS '\\1' FROM mart.ledger_by_class)"
            " ON COLUMNS(* EXCLUDE (kind, currency, ledger, other_period, other_unit, difference)) INTO NAME cost_class VALUE ore),"
            " told AS (SELECT kind, currency, cost_class, ore FROM ledger"
            " UNION ALL SELECT kind, currency, cost_class, -direct_ore FROM mart.cost_by_unit)"
            " SELECT kind, currency, cost_class FROM told GROUP BY ALL HAVING sum(ore) <> 0"
        ),
        "ledger_by_class: every line in one class (I6)": (
            "SELECT unit_id, period, kind, currency FROM mart.ledger_by_class WHERE difference_ore <> 0"
        ),
        "ledger_reconciliation: the ledger is whole (I6)": (
            "SELECT kind, currency FROM mart.ledger_reconciliation WHERE difference_ore <> 0"
        ),
    }
