"""What was done, and under what conditions."""

from pipelines.tables.columns import Table, columns_of

TABLES: tuple[Table, ...] = (
    Table(
        "output_by_unit",
        "unit x output x core task x period",
        "What was done. Declared outputs by their id, and every output event type once by its own name.",
        columns_of("""
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
        columns_of("""
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
        "work_conditions",
        "unit x cohort x measure x core task",
        "What staff answer, how their time goes and how involved citizens feel, beside the effect of the same unit and period. Description:"
        " nothing says that the one made the other.",
        columns_of("""
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
)
