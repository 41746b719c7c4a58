"""The commands of what is published: making it, serving it, what the gate said of it, and when it goes."""

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from config import cli_access
from config.options import (
    AlsoOption,
    AlsoPasswordOption,
    AlsoReaderOption,
    AlsoSchemaOption,
    AudienceOption,
    CatalogueOption,
    CertificateOption,
    JsonOption,
    KeepOption,
    LogFormatOption,
    MetricsHostOption,
    MetricsPortOption,
    PublishedOption,
    StoreOption,
    parse_date,
    parse_instant,
)
from config.output import err, out, say

gate_app = typer.Typer(no_args_is_help=True, help="The quality gate: what it said each time, and its rules.")


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
    audience: AudienceOption = None,
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
            made = publish_store(store, described, to, as_of=asked_date, known_at=asked_time, keep_days=keep_days, audience=audience)
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
    certificate: CertificateOption = None,
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
        watched=Watched(metrics_port, metrics_host, stale_after, tuple(certificate or ())),
    )


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
