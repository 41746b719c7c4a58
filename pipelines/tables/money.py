"""The ledger by unit and core task, how it was shared out, and what prices and values were used."""

from pipelines.tables.columns import Table, columns_of

TABLES: tuple[Table, ...] = (
    Table(
        "cost_by_unit",
        "unit x core task x period x kind x cost class x currency",
        "The ledger by unit and core task; the rows add up to the ledger to the oere. Units without their parents. An entry stands in the"
        " period that it concerns; what a support unit passes on leaves its row and stands as `allocated` at those who receive it.",
        columns_of("""
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
        columns_of("""
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
        columns_of("""
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
        columns_of("""
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
        "dim_value",
        "value of an effect",
        "What one effect is taken to be worth, as stated and as used. Nothing here is measured: each has its source.",
        columns_of("""
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
        columns_of("""
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
)
