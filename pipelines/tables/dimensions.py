"""What the figures are of: units, core tasks, indicators, outputs, and where they change."""

from pipelines.tables.columns import Table, columns_of

TABLES: tuple[Table, ...] = (
    Table(
        "dim_unit",
        "unit x validity",
        "The organisation as it was: units of the catalogue, organisation events, and units that events name though nobody declared them.",
        columns_of("""
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
        columns_of("""
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
        columns_of("""
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
        columns_of("""
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
        columns_of("""
            output_id VARCHAR Output of the catalogue, or the event type of an output that no core task declares
            core_task_id VARCHAR Core task that declares it; null: none
            name VARCHAR Name, Danish
            name_en VARCHAR Name, English
            event_type VARCHAR Event types that are counted, comma separated
        """),
        ("output_id", "core_task_id"),
    ),
    Table(
        "dim_break",
        "indicator x version x break",
        "Dates on which law or definition changed, so that figures on both sides are not comparable.",
        columns_of("""
            indicator_id VARCHAR Indicator
            indicator_version INTEGER:nobody Version of its definition
            core_task_id VARCHAR Core task of the indicator
            break_on DATE First day of the new law or definition
            why VARCHAR What changed, Danish
            why_en VARCHAR What changed, English
        """),
        ("indicator_id", "indicator_version", "break_on"),
    ),
)
