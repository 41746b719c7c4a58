"""What the names of published columns tell: unit, range, privacy and allowed values. A name means the same in every table.

A new name is put here once, and in no table: the contract (`pipelines/contract.py`), the quality gate and docs/tables.md read it. A test
fails while a column lacks its unit or its privacy category.
"""

from dataclasses import dataclass
from typing import Final

STATES = ("final", "immature", "missing", "suppressed", "not_bounded", "no_reference")
"""Every value that a column `state` may have; `reason` says why in words."""


@dataclass(frozen=True)
class Unit:
    """What a number counts or measures, and between which values it lies whatever the data."""

    name: str
    low: float | None = None
    high: float | None = None


ORE: Final = Unit("oere (1/100 of the currency's unit)")
SHARE: Final = Unit("share, 0 to 1", 0, 1)
_LIMITS = ("_low", "_high")

UNITS: Final[dict[Unit, str]] = {
    ORE: "",  # every name that ends in `_ore`
    SHARE: (
        "share share_without_competing improved_share unchanged_share worse_share incidence survival payer_share drop_off coverage formal"
        " performed experienced involvement effect_share with_share without_share locked_share p_value estimate"
    ),
    Unit("points of share, -1 to 1", -1, 1): "share_revision gap_formal_performed gap_performed_experienced",
    Unit("correlation, -1 to 1", -1, 1): "population_correlation",
    Unit("records", 0): (
        "cohort_size pending matured achieved not_achieved competing censored unmeasured denominator compared n at_risk events outputs"
        " cases locked_achieved locked_denominator n_measured at_ceiling improved unchanged worse treated_records treated_pending"
        " treated_counted treated_achieved control_records control_pending control_counted control_achieved with_effect without_effect"
        " received accepted duplicates conflicts quarantined erased unmatched answers"
    ),
    Unit("persons", 0): "persons several participants subjects population_persons",
    Unit("units", 0): (
        "n_units chance_outside_95 chance_outside_998 outside_95 outside_998 outside_wide_95 outside_wide_998 n_dispersion treated_units"
        " control_units"
    ),
    Unit("effects, or completed time units to the effect", 0): "expected observed",
    Unit("effects", 0): "attributed_effects own_effects effects weight",
    Unit("parts of an effect, 720 720 000 000 make one"): "own_parts",
    Unit("effects per million kroner", 0): "effects_per_million epm effects_per_million_net locked_effects_per_million",
    Unit("effects per million kroner, more or fewer"): "extra_effects_per_million extra effects_per_million_revision",
    Unit("kroner per effect"): "kroner_per_effect kpe kroner_per_effect_net kroner_per_extra_effect",
    Unit("kroner of value per krone of cost"): "return_per_krone return",
    Unit("outputs per million kroner", 0): "outputs_per_million",
    Unit("outputs per effect", 0): "outputs_per_effect",
    Unit("ratio", 0): "observed_over_expected oe shrunk ratio phi tau2 dispersion",
    Unit(
        "on the funnel's scale: ratio, or share"
    ): "target low_95 high_95 low_998 high_998 wide_low_95 wide_high_95 wide_low_998 wide_high_998",
    Unit("standard errors"): "z",
    Unit("rank, 1 is most", 1): "oe_rank output_rank effect_rank",
    Unit("places in a rank"): "places_lost",
    Unit("kroner"): "kroner",
    Unit("rows of a table", 0): "n_rows",
    Unit("minutes", 0): "minutes",
    Unit("days"): "lag_days",
    Unit("years", 0): "years first_year",
    Unit("calendar year", 1900, 2200): "price_year stated_price_year locked_price_year year",
    Unit("completed time units of `time_unit`", 0): "time half_at followed_to",
    Unit("number of a version", 0): "version indicator_version reference_version indicator_version_now",
    Unit("number in order", 0): "step",
    Unit("change from the year before, 0.03 for 3 %"): "rise",
    Unit("in the score's own unit"): (
        "mean_change mean_baseline mean_follow_up sd_change expected_change expected_before expected_after beyond_expected population_mean"
        " population_deviation"
    ),
    Unit("standard deviations"): "srm",
    Unit("share, or in the measure's own unit"): (
        "value treated_estimate treated treated_deviation control_estimate control control_deviation difference standard_error overall_rate"
        " rate"
    ),
    Unit("degrees of freedom", 0): "degrees_of_freedom",
    Unit("parameter of the prior", 0): "prior_a prior_b prior_mean",
    Unit("log, or log odds"): "coefficient",
    Unit("share, on the scale of effects"): "effect",
}
"""Unit -> the names of numbers that have it. `<name>_low` and `<name>_high` have the unit of `<name>`, without its range."""

_UNIT_OF: Final = {name: unit for unit, names in UNITS.items() for name in names.split()}

NOT_PERSONAL: Final = "not personal"
"""Describes the organisation, a definition, a method, money or the publication itself."""

AGGREGATE: Final = "aggregate of persons"
"""Counted or computed over persons; empty where suppression hides what it rests on."""

FOLLOWS: Final = "follows from aggregates"
"""Words, dates or yes/no that follow from figures over persons; hidden with them where they would tell."""

PRIVACY: Final = (NOT_PERSONAL, AGGREGATE, FOLLOWS)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FOLLOWS = _names(
    "verdict verdict_da verdict_code verdict_unadjusted_code state reason hidden expected_state expected_reason effect_state "
    "experienced_state cost_state cost_reason locked_state quadrant kpe_bounded kpe_set revised selection_reason watermark "
    "first_index_on last_index_on"
)

_NOT_PERSONAL = _names(
    "unit_name indicator_name table_name part "
    "unit_id name level profession parent_id path valid_from valid_to merged_into declared support changed_on change other_unit_id "
    "core_task_id name_en purpose purpose_en target_group target_group_en prerequisites prerequisites_en links formerly source "
    "indicator_id kind computed beneficiary horizon time_unit unit_of_effect unit_of_effect_en direction lead_for_cost "
    "estimate_method evidence_level note note_en definition output_id event_type cohort cohort_start cohort_end share_method "
    "mean_change_method oe_method expected_method reference_id breaks comparable_from unit_changes as_of known_at snapshot_id "
    "scale limits_method wide_method z_method shrunk_method rank_method overdispersion_method prior_how method quantity follow_up "
    "case_mix population fitted_on cohorts term break_on why why_en indicators period period_start period_end cost_class currency "
    "price_index step_id key_id key_by key_source from_unit_id from_core_task_id to_unit_id to_core_task_id amount_id attribution "
    "attribution_basis effects_method kpe_method value_id value_version payer version discounting discounting_source payers "
    "index_id status published_on covers is_used role basis comparison_id design randomised measure measured measured_en treated "
    "control selection_source cost_source asked how how_en approved_at approved_role approved_version check"
)

_EVIDENCE = ("descriptive", "standardised", "controlled", "experimental")
_VERDICTS = ("within", "alert_low", "alert_high", "alarm_low", "alarm_high")
_RULES = ("lead", "equal", "effort", "shapley")

ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "state": STATES,
    "expected_state": STATES,
    "effect_state": STATES,
    "experienced_state": STATES,
    "cost_state": STATES,
    "locked_state": STATES,
    "evidence_level": _EVIDENCE,
    "verdict_code": _VERDICTS,
    "verdict_unadjusted_code": _VERDICTS,
    "time_unit": ("day", "week", "month"),
    "direction": ("up", "down"),
    "attribution": _RULES,
    "estimate_method": ("kaplan_meier", "aalen_johansen"),
    "share_method": ("wilson",),
    "design": ("parallel", "roll_out", "before_after"),
    "quadrant": ("more_effect_more_cost", "dominant", "dominated", "less_effect_less_cost"),
    "kpe_set": ("bounded", "complement", "whole line"),
    "scale": ("ratio", "share"),
    "status": ("estimate", "final"),
    "asked": ("staff", "time", "citizens"),
    "comparison.measure": ("share", "mean"),
    "attribution_by_unit.role": ("unit", "indirect", "citizen", "unclaimed", "all"),
    "dim_indicator.kind": ("state_at", "sustained", "reached", "change", "reduction", "experienced", "reported"),
    "cost_by_unit.kind": ("actual", "budget"),
    "ledger_reconciliation.kind": ("actual", "budget"),
    "ledger_by_class.kind": ("actual", "budget"),
    "cost_allocation.kind": ("actual", "budget"),
}
"""Values that a column may have: by its name, or by `table.name` where other tables use the name for something else."""

NULLABLE_KEYS: Final = frozenset(
    {
        "dim_unit.valid_from",
        "dim_output.core_task_id",
        "output_by_unit.core_task_id",
        "work_conditions.core_task_id",
        "cost_allocation.to_unit_id",
        "cost_allocation.to_core_task_id",
    }
)
"""Columns of a key in which a null says something: from the beginning, no core task, nobody received."""

ALWAYS: Final = frozenset({"state", "evidence_level", "as_of", "snapshot_id"})
"""Columns outside keys that are never null where a table of figures has them."""


def unit_of(name: str) -> Unit | None:
    """The unit of the number with this name; None: nobody has said it."""
    if name.endswith("_ore"):
        return ORE
    if unit := _UNIT_OF.get(name):
        return unit
    base = next((name.removesuffix(end) for end in _LIMITS if name.endswith(end)), name)
    # A limit has the unit and not the range: Student's t and Fieller's sets reach beyond what the figure itself can be.
    return Unit(unit.name) if (unit := _UNIT_OF.get(base)) else None


def privacy_of(name: str, rests_on: str | None, nobody: str) -> str | None:
    """The privacy category of a column; None: nobody has said it.

    rests_on   what a number rests on; None: not a number
    nobody     the value of it that means no persons
    """
    if rests_on is not None:
        return NOT_PERSONAL if rests_on == nobody else AGGREGATE
    return FOLLOWS if name in _FOLLOWS else NOT_PERSONAL if name in _NOT_PERSONAL else None
