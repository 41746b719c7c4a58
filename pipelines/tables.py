"""The published tables: one source for their columns, types and meanings.

The mart is created from it, DuckDB and Parquet carry its comments, and `python -m pipelines.tables > docs/tables.md` writes the
documentation.
"""

import sys
from dataclasses import dataclass

STATES = ("final", "immature", "missing", "suppressed", "not_bounded", "no_reference")
"""Every value that a column `state` may have; `reason` says why in words."""

ALL_UNITS = "(all)"
UNMATCHED = "(unmatched)"
UNALLOCATED = "(unallocated)"
UNMAPPED = "(unmapped)"


CELL_PARTS = ("size", "sight", "share", "split", "estimate")
"""Parts of an effect cell that are shown or hidden together (`disclosure_cell.sql`): what a figure made of the cell rests on."""

ROW, NOBODY = "row", "nobody"
"""What else a number may rest on: counts that the table's own statement judges, or no person at all (money, versions, targets)."""

RESTS_ON = (*CELL_PARTS, ROW, NOBODY)


@dataclass(frozen=True)
class Column:
    """One published column: its name, DuckDB type and meaning with unit.

    rests_on   for a number: which count of persons it would give away (RESTS_ON). `disclosure.blank` empties it where that is hidden
    """

    name: str
    type: str
    comment: str
    rests_on: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether it holds figures: these must say what they rest on."""
        return self.type.startswith(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "FLOAT", "DOUBLE"))


@dataclass(frozen=True)
class Table:
    """One published table: its grain, what it is for, and its columns in order."""

    name: str
    grain: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def ddl(self) -> str:
        """The CREATE TABLE statement, without schema."""
        columns = ", ".join(f'"{column.name}" {column.type}' for column in self.columns)
        return f'CREATE TABLE mart."{self.name}" ({columns})'


def _columns(text: str) -> tuple[Column, ...]:
    """Read `name TYPE:what it rests on  meaning` lines (`:...` for numbers only); shared groups are written `@group`."""
    found: list[Column] = []
    for line in filter(None, (part.strip() for part in text.splitlines())):
        if line.startswith("@"):
            found.extend(_columns(_SHARED[line[1:]]))
            continue
        name, kind, comment = line.split(None, 2)
        kind, _, rests_on = kind.partition(":")
        found.append(Column(name, kind, comment, rests_on or None))
    return tuple(found)


_SHARED = {
    "unit": """
        unit_id VARCHAR Unit id as on the wire; `(all)`: the whole municipality; `(unmatched)`: the event named no unit
    """,
    "cell": """
        unit_id VARCHAR Unit id as on the wire, or an ancestor; `(all)`: the whole municipality; `(unmatched)`: the event named no unit
        core_task_id VARCHAR Core task of the indicator
        indicator_id VARCHAR Indicator
        indicator_version INTEGER:nobody Version of the indicator's definition
        cohort VARCHAR Period of the index dates: `2024-03`, `2024-Q1`, `2024-H1`, `2024`, or `all`
        cohort_start DATE First index date of the cohort; null for `all`
        cohort_end DATE Last index date of the cohort; null for `all`
    """,
    "period": """
        period VARCHAR Period: `2024-03`, `2024-Q1`, `2024-H1`, `2024`, or `all`
        period_start DATE First day of the period; null for `all`
        period_end DATE Last day of the period; null for `all`
    """,
    "state": """
        state VARCHAR final, immature, missing, suppressed, not_bounded or no_reference
        reason VARCHAR Why the state is what it is, in words; null where nothing needs saying
    """,
    "validity": """
        valid_from DATE First day of validity; null: from the beginning
        valid_to DATE First day after validity; null: still valid
    """,
    "breaks": """
        breaks VARCHAR Dates of breaks inside the cohort or its follow-up, comma separated; null: none
        comparable_from DATE The last break before the cohort: only rows with the same one, and no breaks inside, make a trend
    """,
    "snapshot": """
        as_of DATE The day whose knowledge of the world the figure shows
        known_at TIMESTAMP Events recorded later than this (UTC) are left out; null: everything recorded counts
        snapshot_id VARCHAR The publication that the row belongs to
    """,
}

_AS_WAS: tuple[Table, ...] = (
    Table(
        "dim_unit",
        "unit x validity",
        "The organisation as it was: units of the catalogue, organisation events, and units that events name though nobody declared them.",
        _columns("""
            unit_id VARCHAR Unit id as on the wire
            name VARCHAR Name of the unit; its id where nobody named it
            level VARCHAR municipality, administration, institution or department; null when undeclared
            profession VARCHAR Profession of the unit, where stated
            parent_id VARCHAR Unit above during this validity; null at the top
            path VARCHAR Ids from the top down to the unit, with slashes
            @validity
            merged_into VARCHAR Unit that took over when this one was merged
            declared BOOLEAN False: only events name this unit
            support BOOLEAN Support unit by its own flag: an indirect contributor, given no effect unless it leads the case
        """),
        ("unit_id", "valid_from"),
    ),
    Table(
        "unit_change",
        "unit x day x change x other unit",
        "When what a unit holds changed: its figures before and after are of different wholes. `..._as_is` has one whole.",
        _columns("""
            unit_id VARCHAR Unit whose figures are concerned
            changed_on DATE First day of the new organisation
            change VARCHAR took over, merged into, gained (came to stand below it) or lost
            other_unit_id VARCHAR The other unit
        """),
        ("unit_id", "changed_on", "change", "other_unit_id"),
    ),
    Table(
        "dim_core_task",
        "core task x version",
        "What the municipality is for: core tasks with purpose, target group and prerequisites.",
        _columns("""
            core_task_id VARCHAR Core task
            version INTEGER:nobody Version of its definition
            name VARCHAR Name, Danish
            name_en VARCHAR Name, English
            purpose VARCHAR The wanted effect, Danish
            purpose_en VARCHAR The wanted effect, English
            target_group VARCHAR Whom it exists for, Danish
            target_group_en VARCHAR Whom it exists for, English
            prerequisites VARCHAR JSON list of texts, Danish: what must hold for the effect to come
            prerequisites_en VARCHAR JSON list of texts, English
            parent_id VARCHAR Core task above, where stated
            unit_id VARCHAR Unit that states the core task, where stated
            links VARCHAR JSON list of {to, how: {da, en}}: core tasks that this one contributes to; description, not cause
            formerly VARCHAR JSON list of earlier names
            source VARCHAR Where the definition comes from
            @validity
        """),
        ("core_task_id", "version"),
    ),
    Table(
        "dim_indicator",
        "indicator x version",
        "How effect is measured: every indicator of the catalogue.",
        _columns("""
            indicator_id VARCHAR Indicator
            version INTEGER:nobody Version of its definition
            core_task_id VARCHAR Core task whose effect it shows
            kind VARCHAR state_at, sustained, reached, change, reduction, experienced or reported
            computed BOOLEAN Always true since every kind is computed
            name VARCHAR Name, Danish
            name_en VARCHAR Name, English
            beneficiary VARCHAR JSON list of those who have the benefit
            horizon VARCHAR How long an effect may take, as ISO 8601 duration or the name of the date field
            time_unit VARCHAR Unit of time of its curves: day, week or month
            unit_of_effect VARCHAR What one effect is, Danish
            unit_of_effect_en VARCHAR What one effect is, English
            weight DOUBLE:nobody Effects that one achieved record counts for
            direction VARCHAR up: more is better; down: less is better
            lead_for_cost BOOLEAN Whether effect per krone is led by this indicator
            estimate_method VARCHAR kaplan_meier or aalen_johansen
            evidence_level VARCHAR descriptive, standardised, controlled or experimental; only the last two speak of cause
            note VARCHAR Remark, Danish
            note_en VARCHAR Remark, English
            source VARCHAR Where the definition comes from
            definition VARCHAR The whole definition as JSON, breaks included
            @validity
        """),
        ("indicator_id", "version"),
    ),
    Table(
        "dim_output",
        "output x core task",
        "What the municipality does and counts beside its effects, never as one.",
        _columns("""
            output_id VARCHAR Output of the catalogue, or the event type of an output that no core task declares
            core_task_id VARCHAR Core task that declares it; null: none
            name VARCHAR Name, Danish
            name_en VARCHAR Name, English
            event_type VARCHAR Event types that are counted, comma separated
        """),
        ("output_id", "core_task_id"),
    ),
    Table(
        "effect_by_unit",
        "unit x indicator x version x cohort",
        "What became of each cohort: counts, the matured share, and the estimate that uses everybody."
        " Ancestors and `(all)` are counted from persons."
        " Cohorts are periods of the municipality's grid, the coarser ones in which cost meets effects where the two differ, and `all`:"
        " sum over one kind only.",
        _columns("""
            @cell
            cohort_size BIGINT:size Index events in the cohort
            pending BIGINT:sight Of these, not yet mature: resolves_on + reporting lag is after as_of, whatever is known of them already
            matured BIGINT:sight cohort_size - pending
            achieved BIGINT:share Matured and achieved
            not_achieved BIGINT:split Matured and not achieved
            competing BIGINT:split Matured, and a competing event came first
            censored BIGINT:sight Matured, and sight of the subject was lost first
            unmeasured BIGINT:sight Matured, but never measured
            denominator BIGINT:share matured - censored - unmeasured
            share DOUBLE:share achieved / denominator, 0 to 1
            share_low DOUBLE:share Lower 95 % limit of share
            share_high DOUBLE:share Upper 95 % limit of share
            share_without_competing DOUBLE:split achieved / (achieved + not_achieved): of those to whom nothing competing came
            share_method VARCHAR wilson
            estimate DOUBLE:estimate Incidence of the effect at the horizon, from everybody, followed to exit or as_of - reporting lag
            estimate_low DOUBLE:estimate Lower 95 % limit of estimate; null at 0 and 1, where log-log has none
            estimate_high DOUBLE:estimate Upper 95 % limit of estimate; null at 0 and 1, where log-log has none
            estimate_method VARCHAR kaplan_meier (1 - S) or aalen_johansen, log-log intervals
            mean_change DOUBLE:split Mean change of the score, in its own unit (change) or of minutes per week (reduction); null for levels
            mean_change_low DOUBLE:split Lower 95 % limit of mean_change
            mean_change_high DOUBLE:split Upper 95 % limit of mean_change
            mean_change_method VARCHAR t interval of the mean of paired differences; levels are compared one by one and have no mean
            n_measured BIGINT:split Matured and measured as the kind asks: achieved + not_achieved; null where nothing is measured
            mean_baseline DOUBLE:split Mean score at baseline of these; null for levels and ratings
            mean_follow_up DOUBLE:split Mean score at follow-up of these; for ratings the mean rating, 0 to 1; null for levels
            sd_change DOUBLE:split Standard deviation of their changes
            srm DOUBLE:split Standardised response mean: mean_change / sd_change
            at_ceiling BIGINT:split Of these, at the best score from the beginning (change with `ceiling`; reduction: nothing granted)
            improved BIGINT:split Of these, better than at baseline by any difference
            unchanged BIGINT:split Of these, the same as at baseline
            worse BIGINT:split Of these, worse than at baseline
            improved_share DOUBLE:split improved / n_measured
            unchanged_share DOUBLE:split unchanged / n_measured
            worse_share DOUBLE:split worse / n_measured
            expected DOUBLE:row Effects expected from the case mix
            observed_over_expected DOUBLE:row achieved / expected
            oe_low DOUBLE:row Lower 95 % limit of observed_over_expected
            oe_high DOUBLE:row Upper 95 % limit of observed_over_expected
            oe_method VARCHAR Method of that interval
            verdict VARCHAR How the unit compares with what was expected, in words; null without a reference
            verdict_da VARCHAR The same in Danish
            verdict_code VARCHAR within, alert_low, alert_high (outside the 95 % limits), alarm_low or alarm_high (outside 99.8 %)
            observed DOUBLE:row What is held against expected: effects, or the sum of completed time units to the effect
            expected_method VARCHAR Where the expected number comes from
            reference_id VARCHAR The frozen reference; null: the pool of the same cohort, or none
            reference_version INTEGER:nobody Its version
            expected_state VARCHAR State of the columns expected to verdict; no_reference where the catalogue names nothing to compare with
            expected_reason VARCHAR Why that state is what it is, and what must be known of the comparison
            @breaks
            evidence_level VARCHAR descriptive, standardised, controlled or experimental
            unit_changes VARCHAR Days in the cohort's period on which what the unit holds changed: no trend crosses one; null: none
            hidden VARCHAR Columns of this row that are null because a count behind them is small, comma separated; null: none
            @state
            @snapshot
        """),
        ("unit_id", "indicator_id", "indicator_version", "cohort"),
    ),
    Table(
        "funnel",
        "unit x indicator x version x cohort",
        "Each unit against what is expected of it: limits that chance alone allows, without and with over-dispersion, and the verdict."
        " Units that events name themselves, for indicators whose catalogue says what to compare with.",
        _columns("""
            @cell
            observed DOUBLE:row Effects, or the sum of completed time units to the effect
            compared BIGINT:row Records compared; null where the effects behind a sum of times are hidden
            expected DOUBLE:row What the case mix lets expect
            observed_over_expected DOUBLE:row observed / expected
            oe_low DOUBLE:row Lower 95 % limit of observed_over_expected
            oe_high DOUBLE:row Upper 95 % limit of observed_over_expected
            oe_method VARCHAR exact_poisson or byar
            scale VARCHAR ratio: value is observed / expected, target 1; share: value is achieved / compared, target the expected share
            value DOUBLE:row What is drawn
            target DOUBLE:row What is expected of it
            low_95 DOUBLE:row Lower limit that chance alone allows, two-sided 95 %
            high_95 DOUBLE:row Upper limit, 95 %
            low_998 DOUBLE:row Lower limit, 99.8 %
            high_998 DOUBLE:row Upper limit, 99.8 %
            limits_method VARCHAR exact_poisson (chi-square), exact_binomial or arcsine
            wide_low_95 DOUBLE:row Lower limit with over-dispersion, 95 %; null where it is not estimated
            wide_high_95 DOUBLE:row Upper limit with over-dispersion, 95 %
            wide_low_998 DOUBLE:row Lower limit with over-dispersion, 99.8 %
            wide_high_998 DOUBLE:row Upper limit with over-dispersion, 99.8 %
            wide_method VARCHAR additive over-dispersion and its scale; null: not estimated
            z DOUBLE:row Score: distance from the target in standard errors
            z_method VARCHAR Scale of the score: square_root, log, normal or arcsine
            verdict_unadjusted_code VARCHAR By the limits without over-dispersion: within, alert_low, alert_high, alarm_low or alarm_high
            verdict_code VARCHAR By the limits with over-dispersion where it is estimated, else the same
            verdict VARCHAR verdict_code in words
            verdict_da VARCHAR The same in Danish
            shrunk DOUBLE:row (observed + a) / (expected + b): the ratio drawn towards what units have in common
            shrunk_low DOUBLE:row Lower 95 % limit of shrunk
            shrunk_high DOUBLE:row Upper 95 % limit of shrunk
            shrunk_method VARCHAR gamma_stated, gamma_estimated, or gamma_no_heterogeneity: units differ no more than by chance
            oe_rank INTEGER:row Rank by observed_over_expected among these units; rank 1 is most
            oe_rank_low INTEGER:row Best rank that chance allows
            oe_rank_high INTEGER:row Worst rank that chance allows
            rank_method VARCHAR How the limits of the rank are made
            expected_method VARCHAR Where the expected number comes from
            reference_id VARCHAR The frozen reference; null: the pool of the same cohort
            reference_version INTEGER:nobody Its version
            @breaks
            evidence_level VARCHAR descriptive, standardised, controlled or experimental
            @state
        """),
        ("unit_id", "indicator_id", "indicator_version", "cohort"),
    ),
    Table(
        "funnel_summary",
        "indicator x version x cohort",
        "What a funnel's units have in common: how many alerts chance alone would give, how many there are, and how much units vary.",
        _columns("""
            core_task_id VARCHAR Core task of the indicator
            indicator_id VARCHAR Indicator
            indicator_version INTEGER:nobody Version of the indicator's definition
            cohort VARCHAR Period of the index dates, or `all`
            cohort_start DATE First index date of the cohort; null for `all`
            cohort_end DATE Last index date of the cohort; null for `all`
            n_units BIGINT:nobody Units that can be compared and shown
            chance_outside_95 DOUBLE:nobody Units outside the 95 % limits to be expected if all perform as expected: n_units x 0.05
            chance_outside_998 DOUBLE:nobody Units outside the 99.8 % limits to be expected then: n_units x 0.002
            outside_95 BIGINT:nobody Units outside the 95 % limits, those outside 99.8 % included
            outside_998 BIGINT:nobody Units outside the 99.8 % limits
            outside_wide_95 BIGINT:nobody Units outside the 95 % limits with over-dispersion; null where it is not estimated
            outside_wide_998 BIGINT:nobody Units outside the 99.8 % limits with over-dispersion
            phi DOUBLE:nobody Over-dispersion: mean squared score; 1 is what chance gives
            tau2 DOUBLE:nobody Variance between units beyond chance, on the scale of the score
            n_dispersion BIGINT:nobody Units that phi rests on (log_trimmed leaves the tenths at both ends out)
            overdispersion_method VARCHAR square_root, square_root_winsorised (10 %), log_trimmed (10 % at both ends) or none
            prior_a DOUBLE:nobody Shape of the gamma prior of the shrinkage estimate
            prior_b DOUBLE:nobody Its rate
            prior_mean DOUBLE:nobody Its mean
            prior_how VARCHAR stated, estimated, or no_heterogeneity: units differ no more than by chance
            @breaks
            @state
        """),
        ("indicator_id", "indicator_version", "cohort"),
    ),
    Table(
        "dim_reference",
        "reference x version",
        "Frozen references of the catalogue: what was expected, fitted when, on whom.",
        _columns("""
            reference_id VARCHAR Reference
            version INTEGER:nobody Its version
            indicator_id VARCHAR Indicator that it was fitted for
            indicator_version INTEGER:nobody Version of that indicator's definition
            method VARCHAR strata, logistic or poisson
            quantity VARCHAR achieved, or time: sum of completed time units to the effect
            follow_up VARCHAR matured, incidence or hazard
            case_mix VARCHAR JSON list of the covariates with their bands and levels
            source VARCHAR Where the numbers come from
            population VARCHAR Who is in it
            fitted_on DATE Day on which it was made
            as_of DATE Day whose knowledge it shows
            cohorts VARCHAR Cohorts in it
            first_index_on DATE First index day in it
            last_index_on DATE Last index day in it
            n BIGINT:nobody Records in it
            observed DOUBLE:nobody How many of them achieved, or the sum of their times
            overall_rate DOUBLE:nobody observed / n
            dispersion DOUBLE:nobody Pearson's chi-square over degrees of freedom (regressions)
        """),
        ("reference_id", "version"),
    ),
    Table(
        "reference_row",
        "reference x version x stratum or term",
        "Rates or coefficients of the frozen references; left out where a row rests on few.",
        _columns("""
            reference_id VARCHAR Reference
            version INTEGER:nobody Its version
            term VARCHAR Covariate of a regression, `(intercept)`, or the covariates of a stratum
            level VARCHAR Level of the covariate, or the levels of the stratum
            n BIGINT:nobody Records behind it
            observed DOUBLE:nobody Of a stratum: how many achieved, or the sum of their times
            rate DOUBLE:nobody Of a stratum: observed / n
            coefficient DOUBLE:nobody Of a regression, on the log or logit scale; 0 for the level compared with
            standard_error DOUBLE:nobody Of the coefficient
        """),
        ("reference_id", "version", "term", "level"),
    ),
    Table(
        "dim_break",
        "indicator x version x break",
        "Dates on which law or definition changed, so that figures on both sides are not comparable.",
        _columns("""
            indicator_id VARCHAR Indicator
            indicator_version INTEGER:nobody Version of its definition
            core_task_id VARCHAR Core task of the indicator
            break_on DATE First day of the new law or definition
            why VARCHAR What changed, Danish
            why_en VARCHAR What changed, English
        """),
        ("indicator_id", "indicator_version", "break_on"),
    ),
    Table(
        "effect_by_core_task",
        "core task x unit x cohort",
        "Core tasks that others make more concrete: persons with an effect in the core task or in one below it, each person once,"
        " however many of them the person has effects in. Not the sum nor the mean of the figures below.",
        _columns("""
            core_task_id VARCHAR Core task with others below it
            unit_id VARCHAR Unit, ancestor, `(all)` or `(unmatched)`
            cohort VARCHAR Period of the index dates
            cohort_start DATE First day of the period; null for `all`
            cohort_end DATE Last day of the period; null for `all`
            indicators VARCHAR JSON list of the indicators that are counted: those that lead for cost, where more is better
            persons BIGINT:row Persons with a matured, known answer in at least one of them, and none pending
            achieved BIGINT:row Of these, with an effect in at least one
            several BIGINT:row Of these, with an effect in more than one; a sum over core tasks would count them again
            share DOUBLE:row achieved / persons
            share_low DOUBLE:row Lower 95 % limit
            share_high DOUBLE:row Upper 95 % limit
            share_method VARCHAR wilson
            @breaks
            @state
        """),
        ("core_task_id", "unit_id", "cohort"),
    ),
    Table(
        "effect_curve",
        "unit x indicator x version x cohort x time",
        "How the effect comes over time, for each completed time unit from 0; stops where fewer than k are at risk.",
        _columns("""
            @cell
            time INTEGER:nobody Completed time units since the index
            time_unit VARCHAR day, week or month
            at_risk BIGINT:estimate Still in play and in sight just before this time
            events BIGINT:estimate Effects at this time; counted before censorings of the same time
            competing BIGINT:estimate Ends of another kind at this time: competing events, and failing where that is an end of its own
            censored BIGINT:estimate Lost sight of, or followed no further, at this time
            incidence DOUBLE:estimate Share with the effect by this time
            incidence_low DOUBLE:estimate Lower 95 % limit; null at 0 and 1
            incidence_high DOUBLE:estimate Upper 95 % limit; null at 0 and 1
            survival DOUBLE:estimate kaplan_meier: share without the effect; aalen_johansen: share still in play
            survival_low DOUBLE:estimate Lower 95 % limit; null at 0 and 1
            survival_high DOUBLE:estimate Upper 95 % limit; null at 0 and 1
            method VARCHAR kaplan_meier or aalen_johansen, log-log intervals
            @breaks
            @state
        """),
        ("unit_id", "indicator_id", "indicator_version", "cohort", "time"),
    ),
    Table(
        "cost_by_unit",
        "unit x core task x period x kind x cost class x currency",
        "The ledger by unit and core task; the rows add up to the ledger to the oere. Units without their parents. An entry stands in the"
        " period that it concerns; what a support unit passes on leaves its row and stands as `allocated` at those who receive it.",
        _columns("""
            unit_id VARCHAR Unit that the entry stands at, after the mapping rule's own placing
            core_task_id VARCHAR Core task; `(unallocated)`: knowingly not placed; `(unmapped)`: no rule fits
            @period
            kind VARCHAR actual or budget
            cost_class VARCHAR The mapping rule's class, `allocated` (come by a key) or `unmapped` (no rule fits)
            currency VARCHAR Currency of the entries
            nominal_ore BIGINT:nobody Sum as booked, oere
            fixed_ore BIGINT:nobody The same in prices of price_year, oere; null without an index for the year or in another currency
            price_year INTEGER:nobody Price level of fixed_ore; null: fixed_ore is as booked (no index covers the class)
            price_index VARCHAR Series, version and status of the index behind fixed_ore; null: none covers the class, so it stays nominal
            direct_ore BIGINT:nobody Booked directly at the unit and core task, oere
            allocated_ore BIGINT:nobody Come by an allocation key, less what was passed on by one, oere; 0 over all rows of a period
            expenditure_ore BIGINT:nobody Sum of positive postings, oere
            income_ore BIGINT:nobody Sum of negative postings, oere
        """),
        ("unit_id", "core_task_id", "period", "kind", "cost_class", "currency"),
    ),
    Table(
        "ledger_reconciliation",
        "kind x currency",
        "Proof that nothing of the ledger is lost.",
        _columns("""
            kind VARCHAR actual or budget
            currency VARCHAR Currency of the entries
            ledger_ore BIGINT:nobody Sum of the ledger entries that stand, oere
            mapped_ore BIGINT:nobody Of these, placed at a core task
            unallocated_ore BIGINT:nobody Knowingly not placed
            unmapped_ore BIGINT:nobody Caught by no rule
            difference_ore BIGINT:nobody ledger_ore less the three; always 0
        """),
        ("kind", "currency"),
    ),
    Table(
        "ledger_by_class",
        "unit as booked x period of the accounting date x kind x currency",
        "Every ledger line in exactly one class: proof per unit, period and kind that none is lost or counted twice.",
        _columns("""
            unit_id VARCHAR Unit that the entries are booked at, before any rule places them elsewhere
            @period
            kind VARCHAR actual or budget
            currency VARCHAR Currency of the entries
            ledger_ore BIGINT:nobody Sum of the ledger entries that stand, oere
            direct_ore BIGINT:nobody Running effort, oere
            internal_ore BIGINT:nobody Internal trade, oere
            intermunicipal_ore BIGINT:nobody Payments to and from other municipalities, oere
            refund_ore BIGINT:nobody State refund of running effort, oere
            transfer_ore BIGINT:nobody Benefits, oere
            transfer_refund_ore BIGINT:nobody State refund of benefits, oere
            capital_ore BIGINT:nobody Capital, oere
            unallocated_ore BIGINT:nobody Knowingly not placed; allocation comes after, oere
            unmapped_ore BIGINT:nobody Caught by no rule, oere
            other_period_ore BIGINT:nobody Of all these, what concerns another period than it was booked in, oere
            other_unit_ore BIGINT:nobody Of all these, what a rule places at another unit, oere
            difference_ore BIGINT:nobody ledger_ore less the nine classes; always 0
        """),
        ("unit_id", "period", "kind", "currency"),
    ),
    Table(
        "cost_allocation",
        "step x from unit and core task x to unit and core task x period x kind x currency",
        "Each step of the step-down: from whom, by which key, to whom, how much."
        " An amount that a key could not spread stands without receiver.",
        _columns("""
            step INTEGER:nobody Number of the step, in the order in which they are taken
            step_id VARCHAR Step of costs.yaml
            key_id VARCHAR Allocation key
            key_by VARCHAR weights, headcount, outputs or direct_cost
            key_source VARCHAR Where the key comes from
            from_unit_id VARCHAR Unit that passes cost on
            from_core_task_id VARCHAR Core task under which it stood; `(unallocated)`: none
            to_unit_id VARCHAR Unit that receives; null: the key has no basis in the period
            to_core_task_id VARCHAR Core task that receives
            @period
            kind VARCHAR actual or budget
            currency VARCHAR Currency of the amount
            amount_ore BIGINT:nobody Passed on as booked, oere
            @state
        """),
        (
            "step",
            "from_unit_id",
            "from_core_task_id",
            "to_unit_id",
            "to_core_task_id",
            "period",
            "kind",
            "currency",
        ),
    ),
    Table(
        "output_by_unit",
        "unit x output x core task x period",
        "What was done. Declared outputs by their id, and every output event type once by its own name.",
        _columns("""
            @unit
            core_task_id VARCHAR Core task that declares the output; null: the event type as such
            output_id VARCHAR Output of the catalogue, or the event type
            event_type VARCHAR Event types that are counted, comma separated
            @period
            events BIGINT:row Things done
            minutes DOUBLE:row Minutes spent on them
            participants BIGINT:row Participants, where the events say so
            @state
        """),
        ("unit_id", "core_task_id", "output_id", "period"),
    ),
    Table(
        "amount_by_unit",
        "unit x amount x period",
        "Money that events themselves state (fines issued, payments received), as declared in the catalogue.",
        _columns("""
            @unit
            core_task_id VARCHAR Core task that declares the amount
            amount_id VARCHAR Amount of the catalogue
            @period
            currency VARCHAR Currency of the amounts
            events BIGINT:row Events that state an amount
            subjects BIGINT:row Different subjects among them
            amount_ore BIGINT:row Sum of the amounts, oere
            @state
        """),
        ("unit_id", "core_task_id", "amount_id", "period", "currency"),
    ),
    Table(
        "effect_per_krone",
        "unit x indicator x version x cohort x attribution rule",
        "Effects of a cohort over the cost of the same unit, core task and period: the cohort's own effort, not what was booked when the"
        " effect showed. Where the cost is a full count the interval is that of the effects; where a key comes from a sample,"
        " Fieller's set.",
        _columns("""
            @cell
            attribution VARCHAR How effects are shared: lead, equal, effort or shapley; other rules than lead where a case was shared
            attribution_basis VARCHAR What decided: lead, equal, minutes or shapley; `equal` under another rule: its numbers were not there
            attributed_effects DOUBLE:share Sum of weights of achieved records, attributed; less the citizen's own share, where stated
            effects_low DOUBLE:share Lower 95 % limit of attributed_effects by effects_method
            effects_high DOUBLE:share Upper 95 % limit of attributed_effects
            effects_method VARCHAR wilson: limits of the share; wilson_effective: of the weighted share, with its effective number of cases
            cost_ore BIGINT:nobody Effort (direct, internal, inter-municipal, allocated), gross of refund, in prices of price_year, oere
            cost_se_ore BIGINT:nobody Standard error of cost_ore, from keys that come from samples; null: a full count
            allocated_ore BIGINT:nobody Of cost_ore, what came by allocation keys
            refund_ore BIGINT:nobody State refund of that effort (below zero), oere
            cost_net_ore BIGINT:nobody cost_ore net of refund; benefits saved are no part of it
            price_year INTEGER:nobody Price level of cost_ore; null: as booked
            price_index VARCHAR Series, version and status of the index that brought the cost there; null: none
            currency VARCHAR Currency of all amounts
            effects_per_million DOUBLE:share attributed_effects per million kroner of cost
            epm_low DOUBLE:share Lower 95 % limit
            epm_high DOUBLE:share Upper 95 % limit
            kroner_per_effect DOUBLE:share Kroner per effect, for display only; null where not bounded
            kpe_low DOUBLE:share Lower 95 % limit by kpe_method
            kpe_high DOUBLE:share Upper 95 % limit by kpe_method; null where not bounded
            kpe_bounded BOOLEAN False: no effect, or none beside the error of the cost, so kroner per effect has no upper limit
            kpe_method VARCHAR census: cost over the limits of the effects; fieller: the cost has a sampling error too
            effects_per_million_net DOUBLE:share attributed_effects per million kroner net of refund; ranks go by the gross figure
            kroner_per_effect_net DOUBLE:share Kroner net of refund per effect
            extra_effects_per_million DOUBLE:share Effects beyond expected per million kroner; null without a reference
            extra_low DOUBLE:share Lower 95 % limit
            extra_high DOUBLE:share Upper 95 % limit
            benefit_ore BIGINT:share attributed_effects x value_per_effect_ore, oere
            net_benefit_ore BIGINT:share benefit_ore - cost_ore, oere
            net_benefit_se_ore BIGINT:share Standard error of it: of the effects (half the width of their limits over 1.96) and of the cost
            net_low_ore BIGINT:share Lower 95 % limit
            net_high_ore BIGINT:share Upper 95 % limit
            return_per_krone DOUBLE:share Kroner of value per krone of cost
            return_low DOUBLE:share Lower 95 % limit
            return_high DOUBLE:share Upper 95 % limit
            value_per_effect_ore BIGINT:nobody What one effect is worth, in prices of price_year, oere; null: the catalogue gives none
            value_id VARCHAR The value of dim_value that this is
            value_version VARCHAR Its version
            evidence_level VARCHAR descriptive, standardised, controlled or experimental
            effect_state VARCHAR State of the cohort's effects alone, where it differs from state
            @breaks
            @state
        """),
        ("unit_id", "indicator_id", "indicator_version", "cohort", "attribution"),
    ),
    Table(
        "effect_value_by_payer",
        "unit x indicator x version x cohort x attribution rule x payer",
        "Whose money an effect is worth and whose it costs: the municipality bears the cost net of refund, the state the refund."
        " Payers add up to benefit_ore, cost_ore and net_benefit_ore of effect_per_krone.",
        _columns("""
            @cell
            attribution VARCHAR As in effect_per_krone
            payer VARCHAR municipality, region, state, or as the value says
            payer_share DOUBLE:nobody Share of the value, 0 to 1
            benefit_ore BIGINT:share Its part of the value of the effects, oere
            benefit_low_ore BIGINT:share Lower 95 % limit
            benefit_high_ore BIGINT:share Upper 95 % limit
            cost_ore BIGINT:nobody Its part of the cost, oere
            net_benefit_ore BIGINT:share benefit_ore - cost_ore
            @state
        """),
        ("unit_id", "indicator_id", "indicator_version", "cohort", "attribution", "payer"),
    ),
    Table(
        "dim_value",
        "value of an effect",
        "What one effect is taken to be worth, as stated and as used. Nothing here is measured: each has its source.",
        _columns("""
            value_id VARCHAR Value of costs.yaml
            version VARCHAR Version of the value
            source VARCHAR Where it comes from
            note VARCHAR What to know of it, such as that nobody has verified it; null: nothing
            stated_ore BIGINT:nobody As stated: once, or in each year, oere
            stated_price_year INTEGER:nobody Price level of stated_ore
            years INTEGER:nobody Years in which it comes: the horizon
            first_year INTEGER:nobody First of them, in years after the cohort's own
            drop_off DOUBLE:nobody Share that wears off a year, before discounting
            value_per_effect_ore BIGINT:nobody As used: discounted to the cohort's own year, in prices of price_year, oere; null: no index
            price_year INTEGER:nobody Price level of value_per_effect_ore; null: as stated
            price_index VARCHAR Series, version and status of the index that brought it there
            discounting VARCHAR Yearly real rates; null: nothing comes later
            discounting_source VARCHAR Where the rates come from
            payers VARCHAR Shares by payer, as JSON; null: not said
        """),
        ("value_id",),
    ),
    Table(
        "dim_price_index",
        "index x version x year",
        "Every version of every price index, year by year, and which one these figures use.",
        _columns("""
            index_id VARCHAR Series
            version VARCHAR Version of the series
            status VARCHAR estimate or final
            published_on DATE Day from which it may be used; null: always
            source VARCHAR Where it comes from
            covers VARCHAR Cost classes that it covers, comma separated
            is_used BOOLEAN True: the newest one published by as_of, which fixed prices use
            year INTEGER:nobody Year
            rise DOUBLE:nobody Rise from the year before, 0.03 for 3 %
        """),
        ("index_id", "version", "year"),
    ),
    Table(
        "attribution_by_unit",
        "unit x indicator x version x cohort x attribution rule",
        "One effect, many who took part: who is given how much of it, and what nobody is given."
        " `own_parts` of all rows but `(all)` add up to `(all)`: shares of one effect add up to one exactly."
        " An ancestor holds each case once."
        " `lead` for every cohort in effect_per_krone; the other rules where some case of the indicator was shared.",
        _columns("""
            unit_id VARCHAR Unit or ancestor; `(citizen)`: the citizen's own share; `(unclaimed)`: no unit is named; `(all)`: every effect
            core_task_id VARCHAR Core task of the indicator
            indicator_id VARCHAR Indicator
            indicator_version INTEGER:nobody Version of the indicator's definition
            cohort VARCHAR Period, as in effect_per_krone
            cohort_start DATE First index date of the cohort; null for `all`
            cohort_end DATE Last index date of the cohort; null for `all`
            attribution VARCHAR lead, equal, effort or shapley
            role VARCHAR unit (or ancestor), indirect (support unit: is given no effect), citizen, unclaimed or all
            basis VARCHAR What decided, as attribution_basis of effect_per_krone; stated (citizen); indirect (support)
            cases BIGINT:share Matured cases with a known answer in which the unit or one below took part (lead: which it led), each once
            achieved BIGINT:share Of these, achieved
            attributed_effects DOUBLE:share Sum of weights of achieved cases, attributed
            effects_low DOUBLE:share Lower 95 % limit of attributed_effects by effects_method; null for `(citizen)` and `(all)`
            effects_high DOUBLE:share Upper 95 % limit of attributed_effects
            effects_method VARCHAR wilson or wilson_effective, as in effect_per_krone
            share DOUBLE:share attributed_effects over all effects of the cohort, the citizen's own included
            own_effects DOUBLE:share Of attributed_effects, the unit's own, without units below it
            own_parts BIGINT:share own_effects without weight, in whole parts: 720 720 000 000 make one effect
            minutes DOUBLE:row Minutes a support unit put into the cases; null elsewhere, and where nobody wrote them down
            cost_ore BIGINT:nobody The unit's cost in the core task and period, as in effect_per_krone, oere; never shared by
            @breaks
            @state
        """),
        ("unit_id", "indicator_id", "indicator_version", "cohort", "attribution"),
    ),
    Table(
        "output_vs_effect",
        "unit x core task x cohort",
        "Output beside effect: the same unit's rank by outputs per krone and by effects per krone. Rank 1 is most.",
        _columns("""
            unit_id VARCHAR Unit whose own events are counted
            core_task_id VARCHAR Core task
            indicator_id VARCHAR The indicator that leads the core task for cost
            cohort VARCHAR Period, as in effect_per_krone
            cohort_start DATE First day of the period; null for `all`
            cohort_end DATE Last day of the period; null for `all`
            outputs BIGINT:row Declared outputs of the core task, things done
            outputs_per_million DOUBLE:row Outputs per million kroner
            output_rank INTEGER:row Rank by outputs_per_million among the units of the core task and cohort
            effects_per_million DOUBLE:share Effects per million kroner
            effect_rank INTEGER:share Rank by effects_per_million among the same units
            effect_rank_low INTEGER:share Best rank that chance allows, 95 %
            effect_rank_high INTEGER:share Worst rank that chance allows, 95 %
            rank_method VARCHAR How effect_rank_low and effect_rank_high are made; null without a rank
            outputs_per_effect DOUBLE:share Outputs behind one effect
            coverage DOUBLE:row Share of the outputs whose subject has an effect record in the core task at all
            @breaks
            @state
        """),
        ("unit_id", "core_task_id", "cohort"),
    ),
    Table(
        "comparison",
        "comparison x indicator x version x cohort x method",
        "One group against another, as the catalogue asks for it: what one side has more, how sure that is, what it costs, and what"
        " level of evidence the design deserves. Rows differ by method, and each method is named.",
        _columns("""
            comparison_id VARCHAR Comparison of the catalogue
            core_task_id VARCHAR Core task of the indicator
            indicator_id VARCHAR Indicator
            indicator_version INTEGER:nobody Version of the indicator's definition
            cohort VARCHAR Period of the index dates, or `all`
            cohort_start DATE First index date of the cohort; null for `all`
            cohort_end DATE Last index date of the cohort; null for `all`
            name VARCHAR What is compared, Danish
            name_en VARCHAR What is compared, English
            design VARCHAR parallel (side by side in time), roll_out (units that changed against those that had not yet), before_after
            randomised BOOLEAN Chance decided who is on which side
            measure VARCHAR share (of records with the effect) or mean (of a value)
            measured VARCHAR What is counted or averaged, Danish
            measured_en VARCHAR The same, English
            method VARCHAR newcombe, wald; welch, pooled, hc1, ols, ols_hc1, paired_t; stacked, two_way (docs/adr/0020-comparisons.md)
            treated VARCHAR Who is on the first side
            control VARCHAR Who is on the other
            treated_records BIGINT:row Records on the first side
            treated_pending BIGINT:row Of these, the answer is not known yet
            treated_counted BIGINT:row Of these, counted: matured and seen to the end (share), or with a value (mean)
            treated_achieved BIGINT:row Of these, achieved; null where means are compared, and in a roll-out
            treated_units BIGINT:row Units they stand at
            treated_estimate DOUBLE:row Their share or mean; null in a roll-out, where units differ before the change already
            treated_low DOUBLE:row Lower 95 % limit: Wilson for a share, Student's t for a mean
            treated_high DOUBLE:row Upper 95 % limit
            treated_deviation DOUBLE:row Standard deviation of the value
            control_records BIGINT:row Records on the other side
            control_pending BIGINT:row Of these, the answer is not known yet
            control_counted BIGINT:row Of these, counted
            control_achieved BIGINT:row Of these, achieved
            control_units BIGINT:row Units they stand at
            control_estimate DOUBLE:row Their share or mean
            control_low DOUBLE:row Lower 95 % limit
            control_high DOUBLE:row Upper 95 % limit
            control_deviation DOUBLE:row Standard deviation of the value
            difference DOUBLE:row Treated less control, adjusted where the method does so; afterwards less at first of the same persons
            difference_low DOUBLE:row Lower 95 % limit
            difference_high DOUBLE:row Upper 95 % limit
            standard_error DOUBLE:row Of the difference; with newcombe that of wald, which the limits do not rest on
            degrees_of_freedom DOUBLE:row Of the t distribution behind the limits; null: none is
            p_value DOUBLE:row Two-sided, of no difference; null where the method gives none
            expected_change DOUBLE:row Of persons chosen by a bar: how far their mean moves with no effect at all (regression to the mean)
            expected_before DOUBLE:row Mean of those beyond the bar that chance alone lets expect at the choice
            expected_after DOUBLE:row The same when they are measured again
            beyond_expected DOUBLE:row difference less expected_change
            beyond_expected_low DOUBLE:row Lower 95 % limit, the expected change taken as known
            beyond_expected_high DOUBLE:row Upper 95 % limit
            population_mean DOUBLE:row Mean of the score among those chosen from
            population_deviation DOUBLE:row Standard deviation of it
            population_correlation DOUBLE:row Correlation of two measurements of one person with nothing done between
            population_persons BIGINT:row Persons that the three rest on; null: stated
            selection_source VARCHAR stated or estimated: where the three come from
            selection_reason VARCHAR What the choice does to a before/after, in words
            treated_cost_ore DOUBLE:nobody Cost of a participant of the first side, oere
            control_cost_ore DOUBLE:nobody Cost of a participant of the other side, oere
            extra_cost_ore DOUBLE:nobody The first less the second
            currency VARCHAR Currency of all amounts
            price_year INTEGER:nobody Price level of booked cost; null: as stated or as booked
            cost_source VARCHAR Where stated costs come from
            quadrant VARCHAR more_effect_more_cost, dominant, dominated, less_effect_less_cost; only the first has a price
            extra_effects_per_million DOUBLE:row Difference in the good direction per million kroner of extra cost; null unless above 0
            extra_low DOUBLE:row Lower 95 % limit: that of the difference
            extra_high DOUBLE:row Upper 95 % limit
            kroner_per_extra_effect DOUBLE:row Extra kroner per extra effect, for display; null in every quadrant but more_effect_more_cost
            kpe_low DOUBLE:row Lower 95 % limit, Fieller; null where not bounded
            kpe_high DOUBLE:row Upper 95 % limit, Fieller; null where not bounded
            kpe_set VARCHAR bounded, complement or whole line: the shape of Fieller's set
            cost_state VARCHAR State of the columns of cost; null: the catalogue names no cost
            cost_reason VARCHAR Why that state is what it is
            breaks VARCHAR Dates of breaks between the index days compared, comma separated; null: none
            evidence_level VARCHAR What the design and the method deserve: descriptive, standardised, controlled or experimental
            @state
        """),
        ("comparison_id", "indicator_id", "indicator_version", "cohort", "measure", "method"),
    ),
    Table(
        "core_task_views",
        "core task x unit x cohort",
        "The formal, the performed and the experienced core task, and the gaps between them.",
        _columns("""
            core_task_id VARCHAR Core task
            unit_id VARCHAR Unit, ancestor, or `(all)`
            cohort VARCHAR Period
            cohort_start DATE First day of the period; null for `all`
            cohort_end DATE Last day of the period; null for `all`
            formal DOUBLE:nobody Target share as decided
            performed DOUBLE:row Matured share of the indicator that shows it
            performed_low DOUBLE:row Lower 95 % limit
            performed_high DOUBLE:row Upper 95 % limit
            experienced DOUBLE:row Share of citizens who rate at or above the bar
            experienced_low DOUBLE:row Lower 95 % limit
            experienced_high DOUBLE:row Upper 95 % limit
            gap_formal_performed DOUBLE:row performed - formal
            gap_formal_performed_low DOUBLE:row Lower 95 % limit: the target is no estimate
            gap_formal_performed_high DOUBLE:row Upper 95 % limit
            gap_performed_experienced DOUBLE:row experienced - performed; without limits, since the same persons may be in both
            involvement DOUBLE:row How involved citizens felt at the unit in the period, 0 to 1 (work_conditions)
            involvement_low DOUBLE:row Lower 95 % limit
            involvement_high DOUBLE:row Upper 95 % limit
            experienced_state VARCHAR State of the experienced view; state is that of the performed one
            @breaks
            @state
        """),
        ("core_task_id", "unit_id", "cohort"),
    ),
    Table(
        "work_conditions",
        "unit x cohort x measure x core task",
        "What staff answer, how their time goes and how involved citizens feel, beside the effect of the same unit and period. Description:"
        " nothing says that the one made the other.",
        _columns("""
            unit_id VARCHAR Unit, ancestor, or `(all)`
            cohort VARCHAR Period in which it was told
            cohort_start DATE First day of the period; null for `all`
            cohort_end DATE Last day of the period; null for `all`
            measure VARCHAR `<instrument>:<dimension>`, `time:<purpose>`, `time:without_value` (what helps no citizen), `involvement`
            asked VARCHAR Who says so: staff, time (registered) or citizens
            value DOUBLE:row 0 to 1: score on its scale, staff by answers, citizens by person; time: share of registered minutes
            value_low DOUBLE:row Lower 95 % limit, Student's t (citizens)
            value_high DOUBLE:row Upper 95 % limit
            answers BIGINT:row Answers of staff, or persons who rated; null for time, and where it would tell a number below k
            minutes DOUBLE:nobody Minutes registered (time)
            core_task_id VARCHAR Core task with an effect at the unit in the period; null: none
            indicator_id VARCHAR The indicator that leads it
            indicator_version INTEGER:nobody Version of its definition
            effect_share DOUBLE:row Matured share of that indicator
            effect_low DOUBLE:row Lower 95 % limit
            effect_high DOUBLE:row Upper 95 % limit
            effect_state VARCHAR State of that share
            evidence_level VARCHAR Always descriptive
            @breaks
            @state
        """),
        ("unit_id", "cohort", "measure", "core_task_id"),
    ),
    Table(
        "core_task_link",
        "from x to x cohort",
        "What an effect in one core task goes with in another: description, never cause. Subjects with a known answer in both, once each:"
        " their first in the cohort, and their first in the other.",
        _columns("""
            from_core_task_id VARCHAR Core task that contributes
            to_core_task_id VARCHAR Core task that it contributes to
            cohort VARCHAR Period of the first index date in the core task that contributes
            cohort_start DATE First day of the period; null for `all`
            cohort_end DATE Last day of the period; null for `all`
            with_effect BIGINT:row Subjects who achieved in `from`
            with_share DOUBLE:row Of these, the share who achieved in `to`
            without_effect BIGINT:row Subjects who did not achieve in `from`; whom a competing event took is in neither group
            without_share DOUBLE:row Of these, the share who achieved in `to`
            difference DOUBLE:row Share achieved in `to` among those who achieved in `from`, less the share among those who did not
            difference_low DOUBLE:row Lower 95 % limit
            difference_high DOUBLE:row Upper 95 % limit
            method VARCHAR newcombe: method of the limits of difference
            ratio DOUBLE:row with_share / without_share, limits on the log scale; null where a group has no effect
            ratio_low DOUBLE:row Lower 95 % limit
            ratio_high DOUBLE:row Upper 95 % limit
            how VARCHAR What the link is thought to be, Danish
            how_en VARCHAR The same, English
            evidence_level VARCHAR Always descriptive
            @breaks
            @state
        """),
        ("from_core_task_id", "to_core_task_id", "cohort"),
    ),
    Table(
        "approved_figure",
        "unit x core task x indicator x cohort",
        "Figures that were approved and locked, as published then, and beside each what it is now: later corrections are revisions.",
        _columns("""
            @cell
            locked_achieved BIGINT:nobody Achieved, as published when it was locked
            locked_denominator BIGINT:nobody Denominator, as published then
            locked_share DOUBLE:nobody Share, as published then
            locked_share_low DOUBLE:nobody Its lower 95 % limit then
            locked_share_high DOUBLE:nobody Its upper 95 % limit then
            locked_cost_ore BIGINT:nobody Cost as held against it then, oere
            locked_price_year INTEGER:nobody Price level of locked_cost_ore
            locked_effects_per_million DOUBLE:nobody Effects per million kroner then (rule lead)
            locked_state VARCHAR State of the figure then
            approved_at TIMESTAMP When it was approved (UTC)
            approved_role VARCHAR In which role it was approved; the name stands in the register only
            approved_version VARCHAR The publication whose figure was locked
            revised BOOLEAN Whether the figure is another one now; null where either is hidden
            indicator_version_now INTEGER:nobody Version of the indicator's definition that counts now
            achieved BIGINT:share Achieved, now
            denominator BIGINT:share Denominator, now
            share DOUBLE:share Share, now
            share_revision DOUBLE:share share less locked_share
            cost_ore BIGINT:nobody Cost, now, in today's price year, oere
            effects_per_million DOUBLE:share Effects per million kroner, now
            effects_per_million_revision DOUBLE:share effects_per_million less locked_effects_per_million
            @state
        """),
        ("unit_id", "core_task_id", "indicator_id", "cohort"),
    ),
    Table(
        "data_quality",
        "source x check",
        "How complete and clean the input is. Counts of records, not of persons;"
        " accepted stands with sources, duplicates and quarantine with feeds.",
        _columns("""
            source VARCHAR Source of events, or `feed ` + topic or file name; `(catalogue)`: the catalogue itself
            check VARCHAR events, feed, or what is odd: unmatched_end, zero_length_episode, suspicious_time, dropped_field, ...
            n BIGINT:nobody Records that the check counts
            received BIGINT:nobody Records read from the feed
            accepted BIGINT:nobody Events accepted from the source
            duplicates BIGINT:nobody Records that repeat an event already there
            conflicts BIGINT:nobody Records with the id of an event of other content
            quarantined BIGINT:nobody Records rejected, conflicts included
            erased BIGINT:nobody Records of an erased subject that came again
            unmatched BIGINT:nobody Ends without a start, and starts or ends that repeat an episode
            watermark TIMESTAMP Latest time (UTC) of an event up to as_of
            lag_days INTEGER:nobody Days from the watermark to as_of
            coverage DOUBLE:nobody Share of the months from the first event to as_of in which the source has at least one event
            @state
        """),
        ("source", "check"),
    ),
)


def _as_is(name: str) -> Table:
    """The same table in the organisation of `as_of`."""
    made = next(table for table in _AS_WAS if table.name == name)
    about = (
        f"As {name}, in the organisation of as_of: all history of a merged unit stands at the unit that took over, and every unit under its"
        " parents of that day, so that no figure jumps because the organisation did."
    )
    rule = " Attribution rule lead only." if "attribution" in made.key else ""
    return Table(f"{name}_as_is", made.grain, about + rule, made.columns, made.key)


TABLES: tuple[Table, ...] = (*_AS_WAS, _as_is("effect_by_unit"), _as_is("effect_per_krone"), _as_is("cost_by_unit"))

BY_NAME = {table.name: table for table in TABLES}

VOLATILE = frozenset({"snapshot_id"})
"""Columns that a table's canonical hash leaves out: they name the publication, not the world."""


def markdown() -> str:
    """docs/tables.md: every table with its grain and columns."""
    lines = [
        "# The published tables",
        "",
        "Written by `python -m pipelines.tables > docs/tables.md`; the same comments stand in the DuckDB file and in Parquet's metadata.",
        "Money is oere (1/100 of the currency's unit) in whole numbers. A null is never a zero: `state` and `reason` say what it is.",
        "",
    ]
    for table in TABLES:
        lines += [f"## {table.name}", "", f"One row per {table.grain}. {table.about}", "", "| column | type | meaning |", "|---|---|---|"]
        lines += [f"| `{column.name}` | {column.type} | {column.comment.replace('|', '/')} |" for column in table.columns]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(markdown())
