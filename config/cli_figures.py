"""The commands about one figure: what lies behind it, why it changed, who approved it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from config.options import ByOption, CoreTaskOption, JsonOption, PeriodOption, PublishedOption, StoreOption, UnitOption, parse_date
from config.output import err, out, say
from models.errors import ConfigurationError

approvals_app = typer.Typer(no_args_is_help=True, help="Figures that were approved and locked, by whom, and opened again.")


def explain(
    store: StoreOption,
    indicator: Annotated[str, typer.Argument()],
    unit: Annotated[str, typer.Argument()],
    cohort: Annotated[str, typer.Argument(help="Such as 2024-Q1, 2024 or all.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Why you look; it is logged.")],
    published: Annotated[
        Path | None, typer.Option("--published", envvar="KERNEEFFEKT_PUBLISHED", help="Publications; none: the store as it is now.")
    ] = None,
    version: Annotated[str, typer.Option("--version", help="The publication that shows the figure.")] = "CURRENT",
    as_of: Annotated[str | None, typer.Option("--as-of", help="Without a publication: the day; none: today.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="So many records.")] = 100,
    offset: Annotated[int, typer.Option(min=0, help="After so many.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """From a number to the pseudonymised records and events behind it. Each look is logged."""
    from getpass import getuser

    from config.look import look_lines
    from pipelines.compare import open_version
    from pipelines.explain import Figure, Looker
    from pipelines.explain import explain as explain_figure

    look = explain_figure(
        store,
        Figure(indicator, unit, cohort),
        Looker(getuser(), purpose),
        version=open_version(published, version) if published else None,
        as_of=parse_date(as_of, "--as-of"),
        limit=limit,
        offset=offset,
    )
    if as_json:
        typer.echo(json.dumps(look.as_dict(), default=str, ensure_ascii=False))
        return
    for line in look_lines(look):
        out.print(line, soft_wrap=True, markup=False)


def persons(
    store: StoreOption,
    purpose: Annotated[str, typer.Option("--purpose", help="Why you look; it is logged.")],
    subject: Annotated[str | None, typer.Option("--subject", help="One pseudonym: everything that is held about that person.")] = None,
    published: Annotated[
        Path | None, typer.Option("--published", envvar="KERNEEFFEKT_PUBLISHED", help="Publications; who is counted in --version.")
    ] = None,
    version: Annotated[str, typer.Option("--version", help="The publication that shows the figure.")] = "CURRENT",
    as_json: JsonOption = False,
) -> None:
    """Which persons a publication counts, or what is held about one: by pseudonym, for incidents and citizens' questions. Logged."""
    from getpass import getuser

    from pipelines.compare import open_version
    from pipelines.explain import Looker
    from pipelines.persons import held_about, persons_of

    who = Looker(getuser(), purpose)
    if subject is not None:
        typer.echo(json.dumps(held_about(store, subject, who).as_dict(), default=str, ensure_ascii=False, indent=None if as_json else 2))
        return
    if published is None:
        raise ConfigurationError("expected a publication by --published FOLDER (and --version), or one person by --subject PSEUDONYM")
    counted = persons_of(store, open_version(published, version), who)
    if as_json:
        typer.echo(json.dumps([asdict(person) for person in counted]))
        return
    for person in counted:
        typer.echo(f"{person.subject}  {person.records} records of {person.indicators} indicators")


def compare(
    before: Annotated[str, typer.Argument(help="A version, such as v20250601T120000000000.")],
    after: Annotated[str, typer.Argument(help="A later version, or CURRENT.")],
    published: PublishedOption,
    store: Annotated[
        Path | None, typer.Option("--store", envvar="KERNEEFFEKT_STORE", help="The store they were made from; none: what changed, not why.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many figures, the largest changes first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """What changed between two publications, and why, in numbers that add up."""
    from config.comparison_text import tables_of
    from pipelines.compare import compare as compare_versions

    with err.status("building the mart again, one cause at a time ..."):
        found = compare_versions(published, before, after, store)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), default=str, ensure_ascii=False))
        return
    for part in tables_of(found, limit):
        out.print(part)


def approve(
    published: PublishedOption,
    unit: UnitOption,
    core_task: CoreTaskOption,
    period: PeriodOption,
    by: ByOption,
    note: Annotated[str | None, typer.Option("--note", help="Kept in the register, not published.")] = None,
    version: Annotated[str, typer.Option("--version", help="The publication whose figures are locked.")] = "CURRENT",
    as_json: JsonOption = False,
) -> None:
    """Approve and lock what a publication shows for a unit, core task and period; later corrections show as revisions beside it."""
    from pipelines.approving import approve as lock

    made = lock(published, unit, core_task, period, by, note=note, version=version)
    say(asdict(made), as_json, made.sentence())


@approvals_app.command("list")
def list_approvals(published: PublishedOption, as_json: JsonOption = False) -> None:
    """Every approval and unlocking: who, when, of which version."""
    from pipelines.approvals import read_register

    entries = read_register(published)
    if as_json:
        typer.echo(json.dumps([asdict(entry) for entry in entries], ensure_ascii=False))
        return
    for entry in entries:
        who = f"{entry.by} ({entry.role})" if entry.role else entry.by
        what = ", ".join(figure["indicator_id"] for figure in entry.figures) or "opened again"
        note = f"  {entry.note}" if entry.note else ""
        out.print(
            f"{entry.at}  {entry.what}  {' / '.join(entry.scope)}  {what}  {entry.version}  by {who}{note}", soft_wrap=True, markup=False
        )
    out.print(f"{len(entries):,} entries")


@approvals_app.command("unlock")
def unlock_approval(
    published: PublishedOption,
    unit: UnitOption,
    core_task: CoreTaskOption,
    period: PeriodOption,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", help="Why the figures are opened again; kept in the register.")],
    as_json: JsonOption = False,
) -> None:
    """Open locked figures again; the register keeps what was locked, and the reason."""
    from pipelines.approving import unlock

    entry = unlock(published, unit, core_task, period, by, reason)
    say(asdict(entry), as_json, f"opened again: {', '.join(entry.scope)}")
