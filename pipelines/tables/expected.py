"""Each unit against what is expected of it, and the frozen references behind that."""

from pipelines.tables.columns import Table, columns_of

TABLES: tuple[Table, ...] = (
    Table(
        "funnel",
        "unit x indicator x version x cohort",
        "Each unit against what is expected of it: limits that chance alone allows, without and with over-dispersion, and the verdict."
        " Units that events name themselves, for indicators whose catalogue says what to compare with.",
        columns_of("""
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
        columns_of("""
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
        columns_of("""
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
        columns_of("""
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
)
