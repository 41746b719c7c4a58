"""The commands of rejected events: see them, tell their sender, take them up again."""

import json
from pathlib import Path
from typing import Annotated

import typer

from config.options import CatalogueOption, JsonOption, StoreOption, keep_private
from config.output import err, out, say

quarantine_app = typer.Typer(no_args_is_help=True, help="What was rejected and why; again after a fix.")


@quarantine_app.command("list")
def list_quarantine(
    store: StoreOption,
    fault_class: Annotated[str | None, typer.Option("--class", help="Only this class, such as payload or conflict.")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 100,
    as_json: JsonOption = False,
) -> None:
    """What is in quarantine: place, class and every fault; never a value."""
    from pipelines.quarantine import count_by_class, list_rejected
    from pipelines.quarantine_beside import quarantine_of

    with quarantine_of(store) as opened:
        counts, rejected = count_by_class(opened), list_rejected(opened, fault_class, limit)
    if as_json:
        typer.echo(json.dumps({"counts": counts, "records": [item.as_dict() for item in rejected]}, default=str))
        return
    for item in rejected:
        faults = "; ".join(f"{fault.get('field') or '-'}: {fault.get('fault')}" for fault in item.faults)
        out.print(f"{item.feed}[{item.part}]@{item.offset}  {item.fault_class}  {faults}", soft_wrap=True, markup=False)
    out.print(", ".join(f"{count:,} {name}" for name, count in counts.items()) or "the quarantine is empty")


@quarantine_app.command("show")
def show_quarantined(
    store: StoreOption,
    feed: Annotated[str, typer.Argument(help="The feed as `list` names it.")],
    part: Annotated[int, typer.Argument()],
    offset: Annotated[int, typer.Argument()],
    as_json: JsonOption = False,
) -> None:
    """One record in quarantine, with its bytes as they were kept. Each look is logged."""
    from getpass import getuser

    from pipelines.audit import Audit
    from pipelines.quarantine import show
    from pipelines.quarantine_beside import quarantine_of

    with quarantine_of(store) as opened:
        item, text = show(opened, feed, part, offset)
    Audit.beside(store).note("quarantine_bytes", getuser(), place=f"{feed}[{part}]@{offset}")
    if as_json:
        typer.echo(json.dumps(item.as_dict() | {"raw": text}, default=str, ensure_ascii=False))
        return
    out.print(f"{item.feed}[{item.part}]@{item.offset}  {item.fault_class}  sha256 {item.sha256}", soft_wrap=True, markup=False)
    for fault in item.faults:
        out.print(f"  {fault.get('field') or '-'}: {fault.get('fault')}", soft_wrap=True, markup=False)
    typer.echo(text)


@quarantine_app.command("retry")
def retry_quarantined(catalogue: CatalogueOption, store: StoreOption, as_json: JsonOption = False) -> None:
    """Take up again what is well-formed now, after a model or a catalogue was mended. Nothing counts twice.

    Where a worker has the store open, the worker does it, by what it was started with: start it anew after the fix.
    """
    from config.catalogue import load_catalogue
    from pipelines.quarantine_beside import retry_beside

    keep_private()
    with err.status("trying again ..."):
        summary = retry_beside(store, load_catalogue(catalogue))
    say(summary.as_dict(), as_json, summary.sentence())


@quarantine_app.command("export")
def export_quarantined(
    store: StoreOption,
    target: Annotated[Path, typer.Option("--out", help="New file of JSON Lines, one rejected record each.")],
    fault_class: Annotated[str | None, typer.Option("--class", help="Only this class, such as payload or conflict.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only what this source sent.")] = None,
    with_bytes: Annotated[bool, typer.Option("--bytes", help="Also the bytes as they were kept; needs --purpose, and is logged.")] = False,
    purpose: Annotated[str | None, typer.Option("--purpose", help="Why you need the bytes.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What the sender needs to mend rejected events: place, class, faults, checksum, and each one's shape without anything that it says."""
    from getpass import getuser

    from pipelines.audit import Audit, stated
    from pipelines.quarantine_beside import quarantine_of
    from pipelines.quarantine_told import for_sender

    if with_bytes:
        Audit.beside(store).note("quarantine_bytes", getuser(), purpose=stated(purpose or ""), fault_class=fault_class, source=source)
    keep_private()
    n = 0
    with quarantine_of(store) as opened, target.open("x", encoding="utf-8") as file:
        for told in for_sender(opened, fault_class, source, with_bytes=with_bytes):
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
            n += 1
    say({"records": n, "file": str(target)}, as_json, f"{n:,} rejected records in {target}")


@quarantine_app.command("expire")
def expire_quarantined(
    store: StoreOption,
    days: Annotated[float, typer.Option("--older-than-days", min=0, help="The worker does the same by itself, hourly, after 14.")] = 14,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Forget what old rejected records said; their place, class and fields at fault stay, so that the counts add up."""
    from pipelines.quarantine import expire
    from pipelines.store import Store

    keep_private()
    with Store.open(store) as opened:
        found = expire(opened, days, dry_run=dry_run)
    counted = ", ".join(f"{count:,} {name}" for name, count in found.items()) or "nothing"
    say(found, as_json, f"{'would forget' if dry_run else 'forgot'}: {counted}")
