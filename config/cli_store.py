"""The commands that write the store: files and Kafka into it, the translation again, a copy of it and back."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from config.broker_options import BrokerSecurity, takes_broker_security
from config.options import (
    BrokerOption,
    CatalogueOption,
    JsonOption,
    LogFormatOption,
    MetricsHostOption,
    MetricsPortOption,
    PrefixOption,
    StoreOption,
    keep_private,
)
from config.output import err, progress_bar, say
from models.errors import KerneeffektError


def file_progress(bar: Progress) -> Callable[[Any], None]:
    """Show how far a file feed has come, in records read and in the share of the file behind it."""
    task = bar.add_task("reading", total=None)

    def update(seen: Any) -> None:
        name = f"reading {seen.path.name} ({seen.file_no} of {seen.n_files}), {seen.records:,} records"
        bar.update(task, description=name, completed=seen.bytes_read, total=seen.bytes_total)

    return update


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


@takes_broker_security
def worker(
    catalogue: CatalogueOption,
    store: StoreOption,
    broker: BrokerOption,
    security: BrokerSecurity,
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
                broker=security.connection(broker),
                until_caught_up=until_caught_up,
                partitions=partitions,
                metrics_port=metrics_port,
                metrics_host=metrics_host,
                topic_prefix=topic_prefix,
                published=published,
            )
        )
    )


def rebuild(catalogue: CatalogueOption, store: StoreOption, as_json: JsonOption = False) -> None:
    """The translation again, over everybody, by the same SQL."""
    from config.catalogue import load_catalogue
    from pipelines.store import Store

    keep_private()
    with Store.open(store, load_catalogue(catalogue)) as opened, err.status("translating everybody again ..."):
        summary = opened.rebuild()
    say(asdict(summary), as_json, f"rebuilt: {summary.effects:,} effect records changed")


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
