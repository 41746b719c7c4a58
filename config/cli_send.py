"""The commands of whoever sends events: `send` files, `key new` for pseudonyms, `intake` for source systems that send by HTTP."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from config.broker_options import BrokerSecurity, takes_broker_security
from config.options import CertificateOption, JsonOption, LogFormatOption, MetricsHostOption, MetricsPortOption, PrefixOption
from config.output import err, progress_bar, say
from models.errors import ConfigurationError
from models.pseudonyms import KeyRing, read_key_ring
from streams.connection import Connection

if TYPE_CHECKING:
    from pipelines.sending.deliveries import Delivery

key_app = typer.Typer(no_args_is_help=True, help="Keys of pseudonyms. They stay with the sender.")
KEY_RING_VARIABLE = "KERNEEFFEKT_PSEUDONYM_KEY_RING"
FAULTS_SHOWN = 20

KeysOption = Annotated[
    Path | None,
    typer.Option("--pseudonym-keys", help=f"Key ring, mode 0400: `kid purpose key` a line. Or the ring itself in {KEY_RING_VARIABLE}."),
]
SendBrokerOption = Annotated[str | None, typer.Option("--broker", envvar="KERNEEFFEKT_BROKER", help="Kafka bootstrap address, host:port.")]
PartitionsOption = Annotated[int, typer.Option(min=1, envvar="KERNEEFFEKT_PARTITIONS", help="Of topics that do not exist yet.")]


@takes_broker_security
def send(
    files: Annotated[list[Path], typer.Argument(help="JSON Lines, or CSV with --mapping; plain, .gz or .zst.")],
    security: BrokerSecurity,
    broker: SendBrokerOption = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Instead of Kafka: a file of the file feed, or the folder that `replay` reads.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="The files are CSV; this YAML says what their columns mean.")] = None,
    pseudonym_keys: KeysOption = None,
    rejects: Annotated[Path | None, typer.Option("--rejects", help="CSV of the rows that were not sent, with what is wrong.")] = None,
    resume: Annotated[Path | None, typer.Option("--resume", help="Remembers how far the files were sent; goes on there.")] = None,
    trial: Annotated[bool, typer.Option("--trial", help="Read and check everything, send nothing.")] = False,
    partitions: PartitionsOption = 4,
    topic_prefix: PrefixOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put the events of files on their Kafka topics, keyed by subject, or into a file for `replay`. Sent twice, nothing counts twice."""
    if sum(map(bool, (broker, out_file, trial))) != 1 and not (trial and not out_file):
        raise ConfigurationError("expected one place to send to: --broker HOST:PORT, --out FILE, or --trial for nowhere")
    connection = security.connection(broker) if broker else None
    if mapping is not None:
        _send_csv(files, mapping, connection, out_file, pseudonym_keys, rejects, resume, trial, partitions, topic_prefix, as_json)
        return
    if rejects or resume or pseudonym_keys or trial:
        raise ConfigurationError("--rejects, --resume, --pseudonym-keys and --trial are for CSV: give --mapping FILE too")
    _send_lines(files, connection, out_file, partitions, topic_prefix, as_json)


def _send_lines(
    files: list[Path], broker: Connection | None, out_file: Path | None, partitions: int, topic_prefix: str, as_json: bool
) -> None:
    from streams.send import lines_of, send_files

    if broker:
        with progress_bar() as bar:
            task = bar.add_task("sending", total=None)
            sent = send_files(files, broker, partitions, lambda done: bar.update(task, completed=done), topic_prefix=topic_prefix)
        say(asdict(sent), as_json, f"{sent.sent:,} events sent to {len(sent.by_topic)} topics at {broker}")
        return
    n = 0
    with _delivery(None, out_file, files, partitions, topic_prefix) as delivery:
        for line in lines_of(files):
            delivery.put([line])
            n += 1
        where = delivery.finish()
    say({"sent": n, "where": where}, as_json, f"{n:,} events sent to {where}")


def _send_csv(
    files: list[Path],
    mapping_file: Path,
    broker: Connection | None,
    out_file: Path | None,
    pseudonym_keys: Path | None,
    rejects_file: Path | None,
    resume: Path | None,
    trial: bool,
    partitions: int,
    topic_prefix: str,
    as_json: bool,
) -> None:
    from config.mapping import load_mapping
    from pipelines.sending.rejects import Rejects
    from pipelines.sending.resume import Progress
    from pipelines.sending.send import Sending

    if resume and out_file and not out_file.is_dir():
        raise ConfigurationError("--resume sends only what is new, so --out must be a folder with a file for each sending")
    mapping = load_mapping(mapping_file)
    ring = key_ring(pseudonym_keys) if mapping.needs_key else None
    progress = Progress(None if trial else resume, mapping)
    with ExitStack() as held:
        bar = held.enter_context(progress_bar())
        delivery = held.enter_context(_delivery(None if trial else broker, out_file, files, partitions, topic_prefix))
        rejects = held.enter_context(Rejects(rejects_file, mapping.csv)) if rejects_file else None
        task = bar.add_task("rows", total=None)
        summary = Sending(mapping, ring, delivery, rejects, progress).send(files, lambda rows: bar.update(task, completed=rows))
    for fault in summary.faults[:FAULTS_SHOWN]:
        err.print(str(fault), soft_wrap=True, markup=False)
    if len(summary.faults) > FAULTS_SHOWN:
        err.print(f"... and more: --rejects FILE writes all {summary.rejected:,} rows", soft_wrap=True, markup=False)
    say(summary.as_dict(), as_json, summary.sentence())
    if summary.rejected:
        raise typer.Exit(1)


@contextmanager
def _delivery(
    broker: Connection | None, out_file: Path | None, files: list[Path], partitions: int, topic_prefix: str
) -> "Iterator[Delivery]":
    """Where events go."""
    from pipelines.sending.deliveries import FileDelivery, Nowhere

    if broker:
        from streams.send import KafkaDelivery

        yield KafkaDelivery(broker, partitions, topic_prefix)
    elif out_file:
        with FileDelivery(out_file, stem=files[0].name.partition(".")[0]) as made:
            yield made
    else:
        yield Nowhere()


def key_ring(file: Path | None) -> KeyRing | None:
    """The sender's keys: of a file that only its owner can read, or of the environment; None where neither is given."""
    from dashboard.access.secrets_read import read_secret

    text = read_secret("the key ring of pseudonyms", file, KEY_RING_VARIABLE)
    return None if text is None else read_key_ring(text.decode("utf-8", errors="replace"), str(file) if file else KEY_RING_VARIABLE)


@key_app.command("new")
def new_key(
    file: Annotated[Path, typer.Argument(help="The key ring; made where it is missing, mode 0400.")],
    kid: Annotated[str, typer.Option("--kid", help="The key's name, part of every pseudonym.")] = "k1",
    purpose: Annotated[str, typer.Option("--purpose", help="What it is for; another purpose gives other pseudonyms.")] = "effects",
) -> None:
    """Add a random key of 256 bits to a key ring. Lose it, and no later row meets an earlier person again: keep a copy in a safe."""
    ring = file.read_text(encoding="utf-8") if file.exists() else "# keys of pseudonyms: kid purpose key; keep secret, keep a copy\n"
    ring += f"{kid} {purpose} {secrets.token_hex(32)}\n"
    read_key_ring(ring, str(file))
    fresh = file.with_name(f".{file.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o400)
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        written.write(ring)
        written.flush()
        os.fsync(written.fileno())
    os.replace(fresh, file)
    typer.echo(f"key {kid} for {purpose} added to {file}; keep a copy in a safe, and never send it along with the data")


@takes_broker_security
def intake(
    users: Annotated[Path, typer.Option("--users", envvar="KERNEEFFEKT_USERS", help="The user file with the senders' tokens.")],
    security: BrokerSecurity,
    broker: SendBrokerOption = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="Instead of Kafka: the folder that `replay` reads.")] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, envvar="KERNEEFFEKT_PORT", help="Of the intake.")] = 8090,
    host: Annotated[str, typer.Option("--host", envvar="KERNEEFFEKT_HOST", help="Address to listen on.")] = "127.0.0.1",
    public_url: Annotated[
        str | None, typer.Option("--public-url", help="The address that senders use, https unless on this machine.")
    ] = None,
    trusted_proxy: Annotated[str | None, typer.Option("--trusted-proxy", help="Address of the proxy in front.")] = None,
    requests_per_minute: Annotated[int, typer.Option("--requests-per-minute", min=1, help="The most that one sender may ask.")] = 1_200,
    partitions: PartitionsOption = 4,
    topic_prefix: PrefixOption = "",
    metrics_port: MetricsPortOption = None,
    metrics_host: MetricsHostOption = "127.0.0.1",
    certificate: CertificateOption = None,
    log_format: LogFormatOption = "text",
) -> None:
    """POST /events: CloudEvents by HTTP, from senders with a token, onto Kafka or into the folder that `replay` reads."""
    from dashboard.access.ways_in import AccessSettings
    from dashboard.intake_server import serve_intake
    from dashboard.telemetry import Watched
    from pipelines.sending.segments import SegmentDelivery

    if (broker is None) == (out_file is None):
        raise ConfigurationError("expected one place for the events: --broker HOST:PORT, or --out FOLDER")
    connection = security.connection(broker) if broker else None
    settings = AccessSettings(mode="users", users_file=users, public_url=public_url)

    def delivery() -> "Delivery":
        if connection is None:
            return SegmentDelivery(cast(Path, out_file))
        from streams.send import KafkaDelivery

        return KafkaDelivery(connection, partitions, topic_prefix)

    serve_intake(
        settings,
        delivery,
        host=host,
        port=port,
        trusted_proxy=trusted_proxy,
        requests_per_minute=requests_per_minute,
        watched=Watched(metrics_port, metrics_host, certificates=tuple(certificate or ())),
    )
