"""What commands say: results on standard output, as a sentence or as JSON; progress and faults on standard error."""

import json
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def progress_bar() -> Progress:
    """A progress display on standard error, where that is a terminal: scripts and logs get sentences only."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def say(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    """Print a result as JSON or as a sentence."""
    if as_json:
        typer.echo(json.dumps(result, default=str, ensure_ascii=False))
    else:
        out.print(sentence, soft_wrap=True)
