"""The commands of the invented municipality: its events, and the whole way with them."""

from pathlib import Path
from typing import Annotated

import typer

from config.options import JsonOption
from config.output import out, progress_bar, say


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
