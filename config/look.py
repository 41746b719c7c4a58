"""What a look behind a figure found, as lines for a person at the command line."""

from collections.abc import Iterator

from pipelines.explain import ExplainedRecord, Look


def look_lines(look: Look) -> Iterator[str]:
    """The records with their events, then what they add up to and whether that is what was published."""
    for record in look.records:
        yield from _record_lines(record)
    figure = look.figure
    shown = f"{len(look.records):,} of {look.total:,} records" if len(look.records) < look.total else f"{look.total:,} records"
    where = f"version {look.version}" if look.version else "the store as it is now"
    yield f"{shown} behind {figure.indicator}, {figure.unit}, {figure.cohort} in {where}, as of {look.as_of}; this look is logged"
    yield ", ".join(f"{name} {n:,}" for name, n in look.counts.items())
    if look.differing:
        yield f"not what was published: {', '.join(look.differing)} (somebody was erased since, or the store is another)"


def _record_lines(record: ExplainedRecord) -> Iterator[str]:
    counted = "" if record.counted_as == record.outcome else f", counted as {record.counted_as}"
    yield (
        f"{record.subject}  {record.index_on}  {record.outcome} on {record.decided_on}{counted}  "
        f"(unit {record.unit_id or '-'}, version {record.version})"
    )
    for event in record.evidence:
        said = ", ".join(str(value) for value in (event.unit, event.code, event.value) if value is not None)
        corrected = " (corrected)" if event.corrected else ""
        yield f"    {event.occurred_on}  {event.type}  {said}{corrected}  {event.source} {event.id}  {event.place}"
