"""One group against another, one view of a core task against another, one core task and the next."""

from pipelines.tables.columns import Table, columns_of

TABLES: tuple[Table, ...] = (
    Table(
        "comparison",
        "comparison x indicator x version x cohort x method",
        "One group against another, as the catalogue asks for it: what one side has more, how sure that is, what it costs, and what"
        " level of evidence the design deserves. Rows differ by method, and each method is named.",
        columns_of("""
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
        columns_of("""
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
        "core_task_link",
        "from x to x cohort",
        "What an effect in one core task goes with in another: description, never cause. Subjects with a known answer in both, once each:"
        " their first in the cohort, and their first in the other.",
        columns_of("""
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
)
