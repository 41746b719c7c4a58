"""The commands about what is described: a catalogue, the schemas of events, the contract of tables, references of what is expected."""

import datetime as dt
from pathlib import Path
from typing import Annotated, cast, get_args
from zoneinfo import ZoneInfo

import typer

from config.options import CatalogueOption, JsonOption, StoreOption, parse_date
from config.output import err, out, say
from models.errors import ConfigurationError

reference_app = typer.Typer(no_args_is_help=True, help="Frozen references of what is expected.")


def check(
    catalogue: Annotated[Path, typer.Argument(help="Folder of the municipality's YAML files.")],
    as_json: JsonOption = False,
) -> None:
    """Validate a catalogue; every error with file, line, key and what was expected."""
    from config.catalogue import check_report, load_catalogue

    report = check_report(load_catalogue(catalogue))
    say(report.as_json(), as_json, "\n".join(report.lines()))


def schema(target: Annotated[Path, typer.Option("--out", help="Folder to write to.")]) -> None:
    """JSON Schema of every event and one AsyncAPI document, from the registry."""
    from models.schemas import write_schemas

    out.print(f"{write_schemas(target)} files in {target}")


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
