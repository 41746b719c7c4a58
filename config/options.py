"""The options that several commands share, and how what was given is read."""

import datetime as dt
import os
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from models.errors import ConfigurationError

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
CertificateOption = Annotated[
    list[Path] | None,
    typer.Option("--certificate", help="PEM file of the proxy in front, whose expiry the metrics show; several times."),
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
AudienceOption = Annotated[
    str | None,
    typer.Option("--audience", envvar="KERNEEFFEKT_AUDIENCE", help="For whom: one of the catalogue's audiences; none: everybody."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")]


def _log_in(log_format: str) -> str:
    from pipelines.logs import configure_logs

    if log_format not in ("text", "json"):
        raise ConfigurationError(f"--log-format must be text or json, got: {log_format!r}")
    configure_logs(cast(Any, log_format))
    return log_format


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
