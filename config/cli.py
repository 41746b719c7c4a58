"""The command line: every command of the product, and the one place where an error becomes a sentence and an exit code.

Exit codes: 0 done, 1 the run failed, 2 wrong use or wrong configuration, 3 the quality gate refused. Every option can come from the
environment as `KERNEEFFEKT_<OPTION>`. Parts are imported by the command that needs them: `check` should not wait for Faust.
"""

import datetime as dt
import errno
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Never, cast, get_args
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress

from config import cli_access, cli_send
from config.output import err, out, progress_bar, say
from config.settings import name_in_environment
from models.errors import ConfigurationError, KerneeffektError

app: typer.Typer = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Effect per krone across units, from events."
)
quarantine_app = typer.Typer(no_args_is_help=True, help="What was rejected and why; again after a fix.")
app.add_typer(quarantine_app, name="quarantine")
approvals_app = typer.Typer(no_args_is_help=True, help="Figures that were approved and locked, by whom, and opened again.")
app.add_typer(approvals_app, name="approvals")
reference_app = typer.Typer(no_args_is_help=True, help="Frozen references of what is expected.")
app.add_typer(reference_app, name="reference")
app.add_typer(cli_access.users_app, name="users")
app.add_typer(cli_access.audit_app, name="audit")
gate_app = typer.Typer(no_args_is_help=True, help="The quality gate: what it said each time, and its rules.")
app.add_typer(gate_app, name="gate")
app.command("send")(cli_send.send)
app.command("intake")(cli_send.intake)
app.add_typer(cli_send.key_app, name="key")

CatalogueOption = Annotated[
    Path, typer.Option("--catalogue", envvar="KERNEEFFEKT_CATALOGUE", help="Folder of the municipality's YAML files.")
]
StoreOption = Annotated[Path, typer.Option("--store", envvar="KERNEEFFEKT_STORE", help="Folder of the private store.")]
BrokerOption = Annotated[str, typer.Option("--broker", envvar="KERNEEFFEKT_BROKER", help="Kafka bootstrap address, host:port.")]
PrefixOption = Annotated[str, typer.Option("--topic-prefix", envvar="KERNEEFFEKT_TOPIC_PREFIX", help="Put before every topic's name.")]
PublishedOption = Annotated[Path, typer.Option("--published", envvar="KERNEEFFEKT_PUBLISHED", help="Folder of publications.")]
UnitOption = Annotated[str, typer.Option("--unit", help="Unit id, or `(all)`.")]
CoreTaskOption = Annotated[str, typer.Option("--core-task", help="Core task.")]
PeriodOption = Annotated[str, typer.Option("--period", help="Such as 2024-Q1, 2024-03 or 2024.")]
ByOption = Annotated[str, typer.Option("--by", help="Who, with the role: `Name (controller)`. Only the role is published.")]
MetricsPortOption = Annotated[
    int | None,
    typer.Option("--metrics-port", min=0, max=65535, envvar="KERNEEFFEKT_METRICS_PORT", help="Prometheus and health; 0: any free port."),
]
MetricsHostOption = Annotated[
    str, typer.Option("--metrics-host", envvar="KERNEEFFEKT_METRICS_HOST", help="Address of the metrics and health.")
]
LogFormatOption = Annotated[
    str,
    typer.Option(
        "--log-format",
        envvar="KERNEEFFEKT_LOG_FORMAT",
        callback=lambda given: _log_in(given),
        is_eager=True,
        help="text: sentences for people; json: one object a line.",
    ),
]
AlsoOption = Annotated[
    str | None, typer.Option("--also", help="Also into PostgreSQL: postgresql://user@host:port/database, without a password.")
]
AlsoSchemaOption = Annotated[str, typer.Option("--also-schema", help="The schema there; it is replaced whole.")]
AlsoReaderOption = Annotated[list[str] | None, typer.Option("--also-reader", help="Role there that may read it; several times.")]
AlsoPasswordOption = Annotated[
    Path | None, typer.Option("--also-password-file", help="File with the password; none: PGPASSWORD or .pgpass.")
]
KeepOption = Annotated[
    int | None, typer.Option("--keep-days", min=1, help="Delete publications older than this, unless current or read; none: keep all.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")]


def _log_in(log_format: str) -> str:
    from pipelines.logs import configure_logs

    if log_format not in ("text", "json"):
        raise ConfigurationError(f"--log-format must be text or json, got: {log_format!r}")
    configure_logs(cast(Any, log_format))
    return log_format


def file_progress(bar: Progress) -> Callable[[Any], None]:
    """Show how far a file feed has come, in records read and in the share of the file behind it."""
    task = bar.add_task("reading", total=None)

    def update(seen: Any) -> None:
        name = f"reading {seen.path.name} ({seen.file_no} of {seen.n_files}), {seen.records:,} records"
        bar.update(task, description=name, completed=seen.bytes_read, total=seen.bytes_total)

    return update


def sentence_of(error: OSError) -> str:
    """One clear sentence for what the operating system said."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"no space left on the disk{where}: nothing of the last batch was written; free some space and run the same command again"
    if isinstance(error, FileNotFoundError):
        return f"no such file or folder{where}: check the path"
    if isinstance(error, PermissionError):
        return f"not allowed to read or write{where}: check who owns it"
    return f"the operating system refused{where}: {error.strerror or type(error).__name__}"


def fail(sentence: str, exit_code: int) -> Never:
    """Say why the run ends, to a person or into the logs, and end it."""
    from pipelines.logs import about, logs_are_json

    if logs_are_json():
        logging.getLogger(__name__).error("%s", sentence, extra=about(exit_code=exit_code))
    else:
        err.print(f"kerneeffekt: {sentence}", style="red", soft_wrap=True, markup=False)
    sys.exit(exit_code)


def main() -> None:
    """Run the command line; every error ends here."""
    try:
        name_in_environment(typer.main.get_command(app))()
    except KerneeffektError as error:
        fail(str(error), error.exit_code)
    except OSError as error:
        fail(sentence_of(error), 1)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback for people, all of it for developers
        if os.environ.get("KERNEEFFEKT_DEBUG"):
            traceback.print_exc()
        fail(f"an error that nobody foresaw ({type(error).__name__}); set KERNEEFFEKT_DEBUG=1 and run again to see where", 1)


def keep_private() -> None:
    """What this command writes holds persons: nobody but its user may read it."""
    os.umask(0o077)


def parse_date(text: str | None, option: str) -> dt.date | None:
    """A date given on the command line."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} must be a date such as 2025-12-31, got: {text!r}") from None


def parse_instant(text: str | None, option: str) -> dt.datetime | None:
    """An instant given on the command line; a bare date means the end of that day in UTC."""
    if text is None:
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} must be a time such as 2025-12-31T12:00:00+01:00, got: {text!r}") from None
    if len(text) == len("2025-12-31"):
        instant += dt.timedelta(days=1, microseconds=-1)
    return instant.astimezone(dt.UTC) if instant.tzinfo else instant.replace(tzinfo=dt.UTC)


@app.command()
def check(
    catalogue: Annotated[Path, typer.Argument(help="Folder of the municipality's YAML files.")],
    as_json: JsonOption = False,
) -> None:
    """Validate a catalogue; every error with file, line, key and what was expected."""
    from config.catalogue import check_report, load_catalogue

    report = check_report(load_catalogue(catalogue))
    say(report.as_json(), as_json, "\n".join(report.lines()))


@app.command()
def simulate(
    target: Annotated[Path, typer.Option("--out", help="File of events to write; the truth goes beside it.")],
    citizens: Annotated[int, typer.Option(min=1, envvar="KERNEEFFEKT_CITIZENS", help="How many invented citizens.")] = 20_000,
    years: Annotated[int, typer.Option(min=1, max=20, help="How many years of events.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed gives the same events.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Write the events of an invented municipality, and the truth that made them (FILE.truth.json)."""
    from pipelines.simulate import simulate as write_events

    with progress_bar() as bar:
        task = bar.add_task("simulating citizens", total=citizens)
        made = write_events(target, citizens, years, seed, lambda done: bar.update(task, completed=done))
    say(
        {"events": made.events, "file": str(made.file), "truth": str(made.truth), "as_of": str(made.as_of)},
        as_json,
        f"{made.events:,} invented events in {made.file}, as of {made.as_of}; the truth behind them in {made.truth}",
    )


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(help="JSON Lines, plain, .gz or .zst.")],
    catalogue: CatalogueOption,
    store: StoreOption,
    as_json: JsonOption = False,
) -> None:
    """Read files of events into the store. May be run again: nothing counts twice."""
    from config.catalogue import load_catalogue
    from pipelines.replay import replay as read_files
    from pipelines.store import Store

    keep_private()
    with Store.open(store, load_catalogue(catalogue)) as opened, progress_bar() as bar:
        summary = read_files(files, opened, file_progress(bar))
    say(summary.as_dict(), as_json, summary.sentence())


@app.command()
def worker(
    catalogue: CatalogueOption,
    store: StoreOption,
    broker: BrokerOption,
    until_caught_up: Annotated[bool, typer.Option("--until-caught-up", help="End when every partition is read to its end.")] = False,
    partitions: Annotated[int, typer.Option(min=1, envvar="KERNEEFFEKT_PARTITIONS", help="Of topics that do not exist yet.")] = 4,
    topic_prefix: PrefixOption = "",
    metrics_port: MetricsPortOption = None,
    metrics_host: MetricsHostOption = "127.0.0.1",
    published: Annotated[
        Path | None, typer.Option(envvar="KERNEEFFEKT_PUBLISHED", help="Publications, for the metric of their age.")
    ] = None,
    log_format: LogFormatOption = "text",
) -> None:
    """The Faust worker: events from Kafka into the store, changed effects out."""
    from config.catalogue import load_catalogue
    from streams.worker import WorkerSettings, run_worker

    keep_private()
    raise typer.Exit(
        run_worker(
            WorkerSettings(
                store=store,
                catalogue=load_catalogue(catalogue),
                broker=broker,
                until_caught_up=until_caught_up,
                partitions=partitions,
                metrics_port=metrics_port,
                metrics_host=metrics_host,
                topic_prefix=topic_prefix,
                published=published,
            )
        )
    )


@app.command()
def publish(
    catalogue: CatalogueOption,
    store: StoreOption,
    to: Annotated[Path, typer.Option("--to", envvar="KERNEEFFEKT_PUBLISHED", help="Folder of publications.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Date on which figures are counted; none: today.")] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", help="As it was known at this time.")] = None,
    every: Annotated[
        float | None, typer.Option("--every", min=1, envvar="KERNEEFFEKT_PUBLISH_EVERY", help="Again after so many seconds.")
    ] = None,
    causes: Annotated[
        bool, typer.Option("--causes", help="Also tell the page by which cause each figure changed; builds the mart once for each cause.")
    ] = False,
    also: AlsoOption = None,
    also_schema: AlsoSchemaOption = "kerneeffekt",
    also_reader: AlsoReaderOption = None,
    also_password_file: AlsoPasswordOption = None,
    keep_days: KeepOption = None,
    metrics_port: MetricsPortOption = None,
    metrics_host: MetricsHostOption = "127.0.0.1",
    log_format: LogFormatOption = "text",
    as_json: JsonOption = False,
) -> None:
    """Mart, quality gate, atomic publication; exit code 3 and the old publication untouched when the gate fails.

    Beside a running worker it publishes from a copy that the worker makes between two batches. With --every it goes on after a refusal.
    """
    from config.catalogue import load_catalogue
    from pipelines.after_publishing import After
    from pipelines.beside_worker import publish_store
    from pipelines.changes_kept import keep_changes
    from pipelines.postgres import Target
    from pipelines.publish import Publication, current_version
    from pipelines.publisher import Publisher, Watched

    asked_date, asked_time = parse_date(as_of, "--as-of"), parse_instant(known_at, "--known-at")
    described = load_catalogue(catalogue)

    after = After(to, Target(also, also_schema, tuple(also_reader or ()), also_password_file) if also else None, keep_days)
    after.check()

    def once() -> Publication:
        before = current_version(to)
        with err.status("building the mart and passing it through the gate ..."):
            made = publish_store(store, described, to, as_of=asked_date, known_at=asked_time, keep_days=keep_days)
        with err.status("comparing it with the last publication ..."):
            keep_changes(to, before, store, by_cause=causes)
        after.run(made)
        return made

    def tell(made: Publication) -> None:
        say({"version": made.version, "folder": str(made.folder)}, as_json, f"published {made.version} in {made.folder}")

    if every is None:
        tell(once())
    else:
        Publisher(to, every, Watched(metrics_port, metrics_host), once, tell).run()


@app.command()
def rebuild(catalogue: CatalogueOption, store: StoreOption, as_json: JsonOption = False) -> None:
    """The translation again, over everybody, by the same SQL."""
    from config.catalogue import load_catalogue
    from pipelines.store import Store

    keep_private()
    with Store.open(store, load_catalogue(catalogue)) as opened, err.status("translating everybody again ..."):
        summary = opened.rebuild()
    say(asdict(summary), as_json, f"rebuilt: {summary.effects:,} effect records changed")


@app.command()
def backup(
    store: StoreOption,
    to: Annotated[Path, typer.Option("--to", envvar="KERNEEFFEKT_BACKUPS", help="Folder of backups, or a new file ending in .backup.")],
    keep_days: Annotated[int, typer.Option("--keep-days", min=1, help="Backups in that folder older than this are deleted.")] = 30,
    every: Annotated[
        float | None, typer.Option("--every", min=1, envvar="KERNEEFFEKT_BACKUP_EVERY", help="Again after so many seconds.")
    ] = None,
    log_format: LogFormatOption = "text",
    as_json: JsonOption = False,
) -> None:
    """A copy of the store in one file, with checksums and the offsets to go on from; also beside a running worker."""
    from pipelines.backup import back_up
    from pipelines.cadence import Cadence

    def once() -> None:
        with err.status("making a backup and reading it again ..."):
            made = back_up(store, to, keep_days=keep_days)
        say(made.as_dict(), as_json, made.sentence())

    def once_or_say_why() -> None:
        try:
            once()
        except KerneeffektError as fault:
            logging.getLogger(__name__).error("no backup was made: %s; the next try in %g s", fault, every)

    keep_private()
    if every is None:
        once()
    else:
        Cadence(every).run(once_or_say_why)


@app.command()
def restore(
    backup_file: Annotated[Path, typer.Argument(metavar="BACKUP", help="A file that `kerneeffekt backup` made.")],
    store: StoreOption,
    drill: Annotated[
        bool, typer.Option("--drill", help="Make the store in a temporary folder inside --store, look at it, throw it away.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """A store from a backup. Overwrites nothing, checks everything, brings no erased subject back; then start the worker."""
    from pipelines.restore import restore as make_store

    keep_private()
    with err.status("restoring, and looking at every checksum and invariant ..."):
        made = make_store(backup_file, store, drill=drill)
    say(made.as_dict(), as_json, made.sentence())


@app.command()
def serve(
    published: PublishedOption,
    port: Annotated[int, typer.Option(min=0, max=65535, envvar="KERNEEFFEKT_PORT", help="Of the page.")] = 8080,
    host: Annotated[str, typer.Option(envvar="KERNEEFFEKT_HOST", help="Address to listen on.")] = "127.0.0.1",
    store: Annotated[
        Path | None,
        typer.Option("--store", envvar="KERNEEFFEKT_STORE", help="The private store; none: no looks behind a figure."),
    ] = None,
    access: cli_access.AccessOption = "local",
    local_role: cli_access.LocalRolesOption = None,
    users: cli_access.ServeUsersOption = None,
    session_key_file: cli_access.SessionKeyOption = None,
    public_url: cli_access.PublicUrlOption = None,
    trusted_proxy: cli_access.ProxyOption = None,
    requests_per_minute: cli_access.RateOption = 1_200,
    openid_issuer: cli_access.IssuerOption = None,
    openid_client_id: cli_access.ClientOption = None,
    openid_client_secret_file: cli_access.ClientSecretOption = None,
    openid_claim: cli_access.ClaimOption = "groups",
    openid_role: cli_access.GroupOption = None,
    openid_scope: cli_access.ScopeOption = "openid profile",
    metrics_port: MetricsPortOption = None,
    metrics_host: MetricsHostOption = "127.0.0.1",
    stale_after: Annotated[
        float | None, typer.Option("--stale-after", min=1, help="Seconds; an older publication is served, but /readyz says 503.")
    ] = None,
    log_format: LogFormatOption = "text",
) -> None:
    """Read API and web page over what is published."""
    from dashboard.server import serve as serve_page
    from dashboard.telemetry import Watched

    settings = cli_access.access_settings(
        mode=access,
        local_roles=local_role,
        users_file=users,
        session_key_file=session_key_file,
        public_url=public_url,
        openid_issuer=openid_issuer,
        openid_client_id=openid_client_id,
        openid_client_secret_file=openid_client_secret_file,
        openid_claim=openid_claim,
        openid_roles=openid_role,
        openid_scope=openid_scope,
    )
    serve_page(
        published,
        port=port,
        host=host,
        access=settings,
        store=store,
        trusted_proxy=trusted_proxy,
        requests_per_minute=requests_per_minute,
        watched=Watched(metrics_port, metrics_host, stale_after),
    )


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
def prune(
    published: PublishedOption,
    keep_days: Annotated[int, typer.Option("--keep-days", min=1, help="Days for which a publication stays readable.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and delete nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete old publications: never the current one, never the one before it, never one that somebody has open."""
    from pipelines.retention import prune as delete_old

    found = delete_old(published, keep_days, dt.datetime.now(dt.UTC), dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found]))
        return
    for one in found:
        fate = "would be deleted" if dry_run and one.fate == "deleted" else one.fate
        out.print(f"{one.version}  {one.published_at}  {one.size_bytes / 1e6:,.1f} MB  {fate}")
    out.print(f"{sum(one.fate == 'deleted' for one in found)} of {len(found)} publications {'to delete' if dry_run else 'deleted'}")


@gate_app.command("history")
def gate_history(
    published: PublishedOption,
    limit: Annotated[int, typer.Option(min=1, help="So many checks, the newest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """What the gate said of each version: passed or refused, what failed, what it warned of, and of which rows."""
    from pipelines.gate_history import read_history

    entries = read_history(published, limit)
    if as_json:
        typer.echo(json.dumps(entries, ensure_ascii=False))
        return
    for entry in entries:
        what = "passed" if entry["passed"] else "REFUSED"
        out.print(f"{entry['at']}  {entry['version']}  {what}  {entry['checks']} rules, {entry['seconds']} s", soft_wrap=True)
        for kind in ("failed", "warned"):
            for sentence in entry[kind]:
                out.print(f"    {kind}: {sentence}", soft_wrap=True, markup=False)
    out.print(f"{len(entries)} checks; the page of them is {published / 'gate.html'}", soft_wrap=True)


@gate_app.command("rules")
def gate_rules(catalogue: CatalogueOption, as_json: JsonOption = False) -> None:
    """Every rule with its id, kind and severity, as this catalogue has it."""
    from config.catalogue import load_catalogue
    from pipelines.gate_rules import rule_list

    rows = rule_list(load_catalogue(catalogue).municipality.gate)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        out.print(f"{row.rule}  {row.category}  {row.severity}  {row.why}", soft_wrap=True, markup=False)


@reference_app.command("fit")
def fit_reference(
    store: StoreOption,
    catalogue: CatalogueOption,
    indicator: Annotated[str, typer.Option("--indicator", help="Which indicator; its `expected` says what is fitted.")],
    method: Annotated[str, typer.Option("--method", help="strata, logistic or poisson.")],
    target: Annotated[Path, typer.Option("--out", help="New CSV file, in the catalogue's references/.")],
    cohort: Annotated[list[str] | None, typer.Option("--cohort", help="Such as 2023 or 2024-Q1, several times; none: all.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Date on which figures are counted; none: today.")] = None,
    name: Annotated[
        str | None, typer.Option("--id", help="Id of the reference; none: what the indicator names, or the file's name.")
    ] = None,
    version: Annotated[int | None, typer.Option("--version", min=1, help="None: one more than the newest of that id.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Where the numbers come from, in words.")] = None,
    population: Annotated[str | None, typer.Option("--population", help="Who is in them, in words.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Fit what is expected by case mix from the store's records, and freeze it in a new file."""
    from config.catalogue import load_catalogue
    from models.reference import Method
    from pipelines.reference_fit import FitRequest
    from pipelines.reference_fit import fit_reference as fit

    if method not in get_args(Method):
        raise ConfigurationError(f"--method must be strata, logistic or poisson, got: {method!r}")
    described = load_catalogue(catalogue)
    today = dt.datetime.now(ZoneInfo(described.municipality.time_zone)).date()
    day, chosen = parse_date(as_of, "--as-of") or today, cast(Method, method)
    request = FitRequest(indicator, chosen, tuple(cohort or ["all"]), day, today, name, version, source, population)
    with err.status("fitting ..."):
        made = fit(store, described, request, target)
    say(
        {"id": made.id, "version": made.version, "n": made.n, "file": str(target)},
        as_json,
        f"reference {made.id} version {made.version} of {made.n:,} records in {target}",
    )


@app.command()
def schema(target: Annotated[Path, typer.Option("--out", help="Folder to write to.")]) -> None:
    """JSON Schema of every event and one AsyncAPI document, from the registry."""
    from models.schemas import write_schemas

    out.print(f"{write_schemas(target)} files in {target}")


@app.command()
def contract(
    target: Annotated[Path, typer.Option("--out", help="YAML file to write.")],
    published: Annotated[
        Path | None, typer.Option("--published", envvar="KERNEEFFEKT_PUBLISHED", help="Folder of publications; none: of the product.")
    ] = None,
) -> None:
    """The data contract of the published tables and views (Open Data Contract Standard); the same lies in every publication."""
    from pipelines.contract import write_contract
    from pipelines.published import current_manifest

    write_contract(target, current_manifest(published) if published else None)
    out.print(f"the contract is in {target}", soft_wrap=True)


@app.command()
def demo(
    citizens: Annotated[int, typer.Option(min=1, envvar="KERNEEFFEKT_CITIZENS", help="How many invented citizens.")] = 20_000,
    port: Annotated[int, typer.Option(min=0, max=65535, envvar="KERNEEFFEKT_PORT", help="Of the page.")] = 8080,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the table.")] = False,
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo's files go; made anew each time.")] = Path("build/demo"),
) -> None:
    """The whole way on the embedded default, with an invented municipality: simulate, feed, translate, publish, serve."""
    from config.demo import run_demo

    run_demo(citizens=citizens, folder=folder, out=out, bar=progress_bar())
    if not no_serve:
        from dashboard.server import serve as serve_page

        out.print(f"\nThe page: http://127.0.0.1:{port}   (stop with Ctrl-C; `make serve` brings it back)")
        serve_page(folder / "published", port=port, store=folder / "store")
