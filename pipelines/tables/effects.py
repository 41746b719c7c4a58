"""What became of each cohort: counts, shares, estimates and curves."""

from pipelines.tables.columns import Table, columns_of

TABLES: tuple[Table, ...] = (
    Table(
        "effect_by_unit",
        "unit x indicator x version x cohort",
        "What became of each cohort: counts, the matured share, and the estimate that uses everybody."
        " Ancestors and `(all)` are counted from persons."
        " Cohorts are periods of the municipality's grid, the coarser ones in which cost meets effects where the two differ, and `all`:"
        " sum over one kind only.",
        columns_of("""
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
        "effect_by_core_task",
        "core task x unit x cohort",
        "Core tasks that others make more concrete: persons with an effect in the core task or in one below it, each person once,"
        " however many of them the person has effects in. Not the sum nor the mean of the figures below.",
        columns_of("""
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
        "How the effect comes over time, by completed time units from 0. Times at which a step would tell of 1 to k - 1 persons are left"
        " out; it ends where the rest would.",
        columns_of("""
            @cell
            time INTEGER:nobody Completed time units since the index
            time_unit VARCHAR day, week or month
            at_risk BIGINT:estimate Still in play and in sight just after the time of the row before, when the stretch up to this time began
            events BIGINT:estimate Effects since the time of the row before; at one time they are counted before censorings
            competing BIGINT:estimate Other ends since the row before: competing events, and failing where that is an end of its own
            censored BIGINT:estimate Lost sight of, or followed no further, since the row before
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
)
