"""Views over the published tables that answer the ten most usual questions, in the same words and with the same columns everywhere.

Each is one statement of `pipelines/sql/view_*.sql` that DuckDB and PostgreSQL both take. Columns are described as those of tables are.
"""

from dataclasses import dataclass

from pipelines.tables.columns import Column, columns_of

_WHERE = """
    unit_id VARCHAR Unit id as on the wire, or an ancestor; `(all)`: the whole municipality
    unit_name VARCHAR Name of the unit, the newest one; its id where nobody named it
    core_task_id VARCHAR Core task
"""
_INDICATOR = """
    indicator_id VARCHAR Indicator
    indicator_version INTEGER:nobody Version of the indicator's definition
    indicator_name VARCHAR Name of the indicator, Danish
"""
_COHORT = """
    cohort VARCHAR Period of the index dates, or `all`
"""
_STATE = """
    @state
"""


@dataclass(frozen=True)
class View:
    """One question, and the view that answers it.

    columns  in order, with types as DuckDB gives them
    order    what a reader sorts by (SQL); a view itself has no order
    """

    name: str
    question: str
    about: str
    columns: tuple[Column, ...]
    order: str

    @property
    def sql_name(self) -> str:
        """The file of its statement in `pipelines/sql/`, without ending."""
        return f"view_{self.name.removeprefix('v_')}"


VIEWS: tuple[View, ...] = (
    View(
        "v_longer_than_expected",
        "Which unit's effects last longer, or come oftener, than expected for its citizens?",
        "Units beyond the upper limits that chance allows. Not to be sorted by the ratio: a rank without its limits says nothing.",
        columns_of(
            _WHERE
            + _INDICATOR
            + _COHORT
            + """
            observed DOUBLE:row Effects, or the sum of completed time units to the effect
            expected DOUBLE:row What the case mix lets expect
            observed_over_expected DOUBLE:row observed / expected
            oe_low DOUBLE:row Lower 95 % limit
            oe_high DOUBLE:row Upper 95 % limit
            verdict_code VARCHAR alert_high (beyond the 95 % limits) or alarm_high (beyond 99.8 %)
            verdict VARCHAR The same in words
            oe_rank INTEGER:row Rank by observed_over_expected; rank 1 is most
            oe_rank_low INTEGER:row Best rank that chance allows
            oe_rank_high INTEGER:row Worst rank that chance allows
            evidence_level VARCHAR descriptive, standardised, controlled or experimental
            reason VARCHAR What must be known of the comparison; null: nothing
            """
        ),
        "indicator_id, cohort, unit_id",
    ),
    View(
        "v_outputs_without_effect",
        "Where do most outputs go with least effect?",
        "Units whose place by effects per krone is surely worse than their place by outputs per krone.",
        columns_of(
            _WHERE
            + """
            indicator_id VARCHAR The indicator that leads the core task for cost
            """
            + _COHORT
            + """
            outputs BIGINT:row Declared outputs of the core task, things done
            outputs_per_million DOUBLE:row Outputs per million kroner
            output_rank INTEGER:row Rank by outputs_per_million; rank 1 is most
            effects_per_million DOUBLE:share Effects per million kroner
            effect_rank INTEGER:share Rank by effects_per_million
            effect_rank_low INTEGER:share Best rank that chance allows
            effect_rank_high INTEGER:share Worst rank that chance allows
            places_lost INTEGER:share effect_rank_low - output_rank: places that chance does not explain
            outputs_per_effect DOUBLE:share Outputs behind one effect
            coverage DOUBLE:row Share of the outputs whose subject has an effect record in the core task at all
            """
        ),
        "places_lost DESC, core_task_id, cohort, unit_id",
    ),
    View(
        "v_kroner_by_knowledge",
        "Which kroner have no known effect?",
        "The whole ledger of actual postings by what is known of its effect; the rows of a currency add up to the ledger. Without a known"
        " effect is what no cohort of that unit and core task says anything of: immature, hidden or never measured.",
        columns_of(
            """
            core_task_id VARCHAR Core task; `(unallocated)`: knowingly not placed; `(unmapped)`: no rule fits
            part VARCHAR effort with a known effect, effort without a known effect, not effort, or no core task
            currency VARCHAR Currency
            nominal_ore BIGINT:nobody Sum as booked, oere
            kroner DOUBLE:nobody The same in kroner
            """
        ),
        "part, kroner DESC, core_task_id, currency",
    ),
    View(
        "v_effect_per_krone",
        "How much lasting effect does a krone buy, unit by unit?",
        "Effects per million kroner of the indicators that lead for cost; every effect stands at the unit that leads the case.",
        columns_of(
            _WHERE
            + _INDICATOR
            + _COHORT
            + """
            attributed_effects DOUBLE:share Sum of weights of achieved records
            cost_ore BIGINT:nobody Cost of the same unit, core task and period, in prices of price_year, oere
            price_year INTEGER:nobody Price level of cost_ore; null: as booked
            effects_per_million DOUBLE:share attributed_effects per million kroner of cost
            epm_low DOUBLE:share Lower 95 % limit
            epm_high DOUBLE:share Upper 95 % limit
            kroner_per_effect DOUBLE:share Kroner per effect, for display only; null where not bounded
            kpe_low DOUBLE:share Lower 95 % limit
            kpe_high DOUBLE:share Upper 95 % limit; null where not bounded
            kpe_bounded BOOLEAN False: kroner per effect has no upper limit
            extra_effects_per_million DOUBLE:share Effects beyond expected per million kroner; null without a reference
            evidence_level VARCHAR descriptive, standardised, controlled or experimental
            @breaks
            """
            + _STATE
        ),
        "indicator_id, cohort, unit_id",
    ),
    View(
        "v_still_waiting",
        "Which cohorts are still followed, and what is known of them so far?",
        "Cohorts in which somebody's answer is not known yet: the estimate uses everybody, the share waits.",
        columns_of(
            _WHERE
            + _INDICATOR
            + """
            horizon VARCHAR How long the effect may take, as ISO 8601 duration or the name of the date field
            """
            + _COHORT
            + """
            cohort_end DATE Last index date of the cohort; null for `all`
            cohort_size BIGINT:size Index events in the cohort
            pending BIGINT:sight Of these, not yet mature
            matured BIGINT:sight cohort_size - pending
            estimate DOUBLE:estimate Incidence of the effect at the horizon, from everybody
            estimate_low DOUBLE:estimate Lower 95 % limit
            estimate_high DOUBLE:estimate Upper 95 % limit
            as_of DATE The day whose knowledge of the world the figure shows
            reason VARCHAR Why the cohort is not final, in words
            """
        ),
        "indicator_id, cohort, unit_id",
    ),
    View(
        "v_trend",
        "Is it getting better? Which cohorts may be compared with each other?",
        "Final shares without a break inside the cohort or its follow-up and without a change of what the unit holds. Only rows of one unit"
        " and indicator version with the same comparable_from make a trend.",
        columns_of(
            _WHERE
            + _INDICATOR
            + _COHORT
            + """
            cohort_start DATE First index date of the cohort
            comparable_from DATE The last break before the cohort; null: none
            denominator BIGINT:share Matured, in sight and measured
            achieved BIGINT:share Of these, achieved
            share DOUBLE:share achieved / denominator
            share_low DOUBLE:share Lower 95 % limit (Wilson)
            share_high DOUBLE:share Upper 95 % limit
            evidence_level VARCHAR descriptive, standardised, controlled or experimental
            """
        ),
        "indicator_id, unit_id, comparable_from, cohort_start",
    ),
    View(
        "v_time_to_effect",
        "How long does it take until the effect shows?",
        "From the curves: when half of the effect that is seen by the end of the curve has come. Times that would tell of few persons are"
        " left out, so a median may be late by some time units.",
        columns_of(
            _WHERE
            + _INDICATOR
            + _COHORT
            + """
            time_unit VARCHAR day, week or month
            half_at INTEGER:estimate First time at which half of the effect has come, in completed time units since the index
            followed_to INTEGER:estimate Last time of the curve
            incidence DOUBLE:estimate Share with the effect by then
            """
        ),
        "indicator_id, cohort, unit_id",
    ),
    View(
        "v_hidden_or_missing",
        "What is not shown, and why?",
        "Rows that are not final, by table, core task, state and reason.",
        columns_of(
            """
            table_name VARCHAR Table in which the rows stand
            core_task_id VARCHAR Core task; null: none
            @state
            n_rows BIGINT:nobody Rows of the table, not persons
            """
        ),
        "table_name, state, n_rows DESC, core_task_id",
    ),
    View(
        "v_changed_since_approval",
        "Which approved figures have changed since they were approved?",
        "What was locked beside what it is now. What changed between any two publications, and why: `kerneeffekt compare`.",
        columns_of(
            _WHERE
            + """
            indicator_id VARCHAR Indicator
            """
            + _COHORT
            + """
            locked_achieved BIGINT:nobody Achieved, as published when it was locked
            locked_denominator BIGINT:nobody Denominator, as published then
            locked_share DOUBLE:nobody Share, as published then
            achieved BIGINT:share Achieved, now
            denominator BIGINT:share Denominator, now
            share DOUBLE:share Share, now
            share_revision DOUBLE:share share less locked_share
            locked_effects_per_million DOUBLE:nobody Effects per million kroner then
            effects_per_million DOUBLE:share Effects per million kroner, now
            effects_per_million_revision DOUBLE:share The second less the first
            approved_at TIMESTAMP When it was approved (UTC)
            approved_version VARCHAR The publication whose figure was locked
            """
            + _STATE
        ),
        "unit_id, core_task_id, indicator_id, cohort",
    ),
    View(
        "v_silent_sources",
        "Which source of events has fallen silent?",
        "Sources by how long nothing has come from them. The quality gate warns when one is later than usual.",
        columns_of(
            """
            source VARCHAR Source of events
            accepted BIGINT:nobody Events accepted from it
            watermark TIMESTAMP Latest time (UTC) of an event up to as_of
            lag_days INTEGER:nobody Days from the watermark to as_of
            coverage DOUBLE:nobody Share of the months from its first event to as_of with at least one event
            """
            + _STATE
        ),
        "lag_days DESC, source",
    ),
)
