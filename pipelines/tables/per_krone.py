"""Effects over cost: per krone, per payer, attributed, and beside outputs."""

from pipelines.tables.columns import Table, columns_of

TABLES: tuple[Table, ...] = (
    Table(
        "effect_per_krone",
        "unit x indicator x version x cohort x attribution rule",
        "Effects of a cohort over the cost of the same unit, core task and period: the cohort's own effort, not what was booked when the"
        " effect showed. Where the cost is a full count the interval is that of the effects; where a key comes from a sample,"
        " Fieller's set.",
        columns_of("""
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
        columns_of("""
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
        "attribution_by_unit",
        "unit x indicator x version x cohort x attribution rule",
        "One effect, many who took part: who is given how much of it, and what nobody is given."
        " `own_parts` of all rows but `(all)` add up to `(all)`: shares of one effect add up to one exactly."
        " An ancestor holds each case once."
        " `lead` for every cohort in effect_per_krone; the other rules where some case of the indicator was shared.",
        columns_of("""
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
        columns_of("""
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
)
