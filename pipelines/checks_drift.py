"""Rules of the gate that look at change: a source that fell silent, a share that jumps, a count that falls. They warn.

The mart is held against the newest publication before it, attached as `before`: figures that suppression has passed, on both sides. What
changed may be right; that somebody should look is all that is said. Thresholds are the catalogue's (`models/gate.py`).
"""

from pipelines.before import changed_cells
from pipelines.checks import Rule, Suite

_SILENT = """
    SELECT source, CASE WHEN lag_days > $silent_days AND accepted >= $compared_from AND coverage >= 0.5 THEN 1 ELSE 0 END AS silent
    FROM mart.data_quality
    WHERE "check" = 'events'
"""
_SOURCES = """
    SELECT old.source,
        CASE WHEN now.source IS NULL THEN 1 ELSE 0 END AS gone,
        CASE WHEN now.accepted < old.accepted * $count_falls_to THEN 1 ELSE 0 END AS fewer_events
    FROM before.data_quality AS old
    LEFT JOIN mart.data_quality AS now ON now.source = old.source AND now."check" = 'events'
    WHERE old."check" = 'events' AND old.accepted >= $compared_from
"""
_COHORTS = """
    SELECT now.unit_id, now.indicator_id, now.indicator_version, now.cohort,
        CASE WHEN abs(now.share - old.share) > $share_jump AND least(now.denominator, old.denominator) >= $compared_from THEN 1 ELSE 0 END
            AS share_jumped,
        CASE WHEN now.cohort_size < old.cohort_size * $count_falls_to AND old.cohort_size >= $compared_from THEN 1 ELSE 0 END
            AS fewer_records
    FROM mart.effect_by_unit AS now
    INNER JOIN before.effect_by_unit AS old
        ON old.unit_id = now.unit_id AND old.indicator_id = now.indicator_id AND old.indicator_version = now.indicator_version
        AND old.cohort = now.cohort
"""
_OUTPUTS = """
    SELECT now.unit_id, now.core_task_id, now.output_id, now.period,
        CASE WHEN now.events < old.events * $count_falls_to AND old.events >= $compared_from THEN 1 ELSE 0 END AS fewer_outputs
    FROM mart.output_by_unit AS now
    INNER JOIN before.output_by_unit AS old
        ON old.unit_id = now.unit_id AND old.core_task_id IS NOT DISTINCT FROM now.core_task_id AND old.output_id = now.output_id
        AND old.period = now.period
"""
_LEDGER = """
    SELECT now.kind, now.currency,
        CASE WHEN abs(now.ledger_ore) < abs(old.ledger_ore) * $count_falls_to THEN 1 ELSE 0 END AS less_money
    FROM mart.ledger_reconciliation AS now
    INNER JOIN before.ledger_reconciliation AS old ON old.kind = now.kind AND old.currency = now.currency
"""


def _warn(column: str, why: str) -> Rule:
    return Rule("drift", "ExpectColumnValuesToBeBetween", why, {"column": column, "min_value": 0, "max_value": 0}, "warn")


DRIFT_SUITES = (
    Suite("drift", _SILENT, (_warn("silent", "a source of events fell silent"),), ("source",)),
    Suite(
        "drift_source",
        _SOURCES,
        (
            _warn("gone", "a source of the publication before is gone"),
            _warn("fewer_events", "a source has far fewer events than in the publication before"),
        ),
        ("source",),
        with_before=True,
    ),
    Suite(
        "drift_cohort",
        _COHORTS,
        (
            _warn("share_jumped", "a share jumped since the publication before"),
            _warn("fewer_records", "a cohort has far fewer records than in the publication before"),
        ),
        ("unit_id", "indicator_id", "indicator_version", "cohort"),
        with_before=True,
    ),
    Suite(
        "drift_output",
        _OUTPUTS,
        (_warn("fewer_outputs", "far fewer outputs of a period than in the publication before"),),
        ("unit_id", "core_task_id", "output_id", "period"),
        with_before=True,
    ),
    Suite(
        "drift_ledger",
        _LEDGER,
        (_warn("less_money", "the ledger holds far less money than in the publication before"),),
        ("kind", "currency"),
        with_before=True,
    ),
    Suite(
        "drift_persons",
        changed_cells(),
        (
            _warn("few_changed", "counts differ from those of the publication before by fewer than k, which tells of few persons"),
            _warn("shown_before", "counts are hidden that the publication before shows"),
        ),
        ("table_name", "unit_id"),
        with_before=True,
    ),
)
