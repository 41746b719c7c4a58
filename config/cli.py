"""The command line: every command of the product, and the one place where an error becomes a sentence and an exit code.

Exit codes: 0 done, 1 the run failed, 2 wrong use or wrong configuration, 3 the quality gate refused. Every option can come from the
environment as `KERNEEFFEKT_<OPTION>`. The commands stand by family in `cli_*.py`; parts are imported by the command that needs them:
`check` should not wait for Faust.
"""

import errno
import logging
import os
import sys
import traceback
from typing import Never

import typer

from config import cli_access, cli_catalogue, cli_demo, cli_figures, cli_publish, cli_quarantine, cli_send, cli_store
from config.output import err
from config.settings import name_in_environment
from models.errors import KerneeffektError

app: typer.Typer = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Effect per krone across units, from events."
)
for name, family in {
    "quarantine": cli_quarantine.quarantine_app,
    "approvals": cli_figures.approvals_app,
    "reference": cli_catalogue.reference_app,
    "users": cli_access.users_app,
    "audit": cli_access.audit_app,
    "gate": cli_publish.gate_app,
    "key": cli_send.key_app,
}.items():
    app.add_typer(family, name=name)
for command in (
    cli_send.send,
    cli_send.intake,
    cli_catalogue.check,
    cli_demo.simulate,
    cli_store.replay,
    cli_store.worker,
    cli_publish.publish,
    cli_store.rebuild,
    cli_store.backup,
    cli_store.restore,
    cli_publish.serve,
    cli_figures.explain,
    cli_figures.persons,
    cli_figures.compare,
    cli_figures.approve,
    cli_publish.prune,
    cli_catalogue.schema,
    cli_catalogue.contract,
    cli_demo.demo,
):
    app.command()(command)


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
