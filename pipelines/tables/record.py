"""What was approved, and how complete the input is."""

from pipelines.tables.columns import Table, columns_of

TABLES: tuple[Table, ...] = (
    Table(
        "approved_figure",
        "unit x core task x indicator x cohort",
        "Figures that were approved and locked, as published then, and beside each what it is now: later corrections are revisions.",
        columns_of("""
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
        columns_of("""
            source VARCHAR Source of events, or `feed ` + topic or file name; `(catalogue)`: the catalogue; `(suppression)`: what is hidden
            check VARCHAR events, feed, or what is odd: unmatched_end, zero_length_episode, suspicious_time, withheld_indicator, ...
            n BIGINT:nobody Records that the check counts; indicators, for withheld_indicator
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
