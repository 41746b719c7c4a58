"""The command line: every command of the product, and the one place where an error becomes a sentence and an exit code.

Exit codes: 0 done, 1 the run failed, 2 wrong use or wrong configuration, 3 the quality gate refused. Every option can come from the
environment as `KERNEEFFEKT_<OPTION>`. Parts are imported by the command that needs them: `check` should not wait for Faust.
"""

import datetime as dt
import errno
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from models.errors import ConfigurationError, KerneeffektError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Effect per krone across units, from events.")
quarantine_app = typer.Typer(no_args_is_help=True, help="What was rejected and why; again after a fix.")
app.add_typer(quarantine_app, name="quarantine")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

CatalogueOption = Annotated[Path, typer.Option("--catalogue", envvar="KERNEEFFEKT_CATALOGUE", help="Folder of the municipality's YAML files.")]
StoreOption = Annotated[Path, typer.Option("--store", envvar="KERNEEFFEKT_STORE", help="Folder of the private store.")]
BrokerOption = Annotated[str, typer.Option("--broker", envvar="KERNEEFFEKT_BROKER", help="Kafka bootstrap address, host:port.")]
PrefixOption = Annotated[str, typer.Option("--topic-prefix", envvar="KERNEEFFEKT_TOPIC_PREFIX", help="Put before every topic's name.")]
PublishedOption = Annotated[Path, typer.Option("--published", envvar="KERNEEFFEKT_PUBLISHED", help="Folder of publications.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")]


def progress_bar() -> Progress:
    """A progress display on standard error: standard output stays clean for scripts."""
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err, transient=True
    )


def say(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    """Print a result as JSON or as a sentence."""
    if as_json:
        typer.echo(json.dumps(result, default=str, ensure_ascii=False))
    else:
        out.print(sentence, soft_wrap=True)


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


def main() -> None:
    """Run the command line; every error ends here."""
    try:
        app()
    except KerneeffektError as error:
        err.print(f"kerneeffekt: {error}", style="red", soft_wrap=True, markup=False)
        sys.exit(error.exit_code)
    except OSError as error:
        err.print(f"kerneeffekt: {sentence_of(error)}", style="red", soft_wrap=True, markup=False)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback for people, all of it for developers
        if os.environ.get("KERNEEFFEKT_DEBUG"):
            traceback.print_exc()
        err.print(
            f"kerneeffekt: an error that nobody foresaw ({type(error).__name__}); set KERNEEFFEKT_DEBUG=1 and run again to see where",
            style="red",
            soft_wrap=True,
            markup=False,
        )
        sys.exit(1)


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
