"""Settings: every option of the command line has a name in the environment too, and this is the list of them.

The options themselves stand where they are used (`config/cli_*.py`, shared ones in `config/options.py`), read once there and passed down.
`python -m config.settings` writes the list as it stands in `docs/settings.md`.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PREFIX = "KERNEEFFEKT_"


@dataclass(frozen=True)
class Setting:
    """One option of one command, and the environment variable that gives it when the command line does not."""

    command: str
    option: str
    variable: str
    default: str
    help: str


def name_in_environment(command: Any) -> Any:
    """Give every option that has no environment variable one: `KERNEEFFEKT_` and the option's own name (`--as-of`: `KERNEEFFEKT_AS_OF`).

    command  a Click command or group, changed in place
    returns  the same command
    """
    for option in _options(command):
        if not option.envvar:
            option.envvar = PREFIX + _long_name(option).removeprefix("--").replace("-", "_").upper()
    for child in getattr(command, "commands", {}).values():
        name_in_environment(child)
    return command


def settings_of(command: Any, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Every option below a command, after `name_in_environment`."""
    for option in _options(command):
        default = "" if option.default in (None, False, "") or callable(option.default) or option.required else str(option.default)
        yield Setting(" ".join(path), _long_name(option), str(option.envvar), "required" if option.required else default, option.help or "")
    for name, child in getattr(command, "commands", {}).items():
        yield from settings_of(child, (*path, name))


def settings_page(command: Any) -> str:
    """The list as a Markdown page, one line per option and environment variable, with the commands that take it."""
    found: dict[tuple[str, str], list[Setting]] = {}
    for setting in settings_of(name_in_environment(command)):
        found.setdefault((setting.option, setting.variable), []).append(setting)
    lines = [
        "# Settings",
        "",
        "Every option can come from the environment; the command line wins. Written by `python -m config.settings > docs/settings.md`.",
        "",
        "| option | environment variable | commands | default | meaning |",
        "|---|---|---|---|---|",
    ]
    for (option, variable), uses in sorted(found.items()):
        commands = ", ".join(f"`{use.command}`" for use in uses)
        defaults = ", ".join(sorted({use.default for use in uses if use.default}))
        meaning = next((use.help for use in uses if use.help), "")
        lines.append(f"| `{option}` | `{variable}` | {commands} | {defaults} | {meaning} |")
    return "\n".join(lines) + "\n"


def _options(command: Any) -> list[Any]:
    return [parameter for parameter in command.params if parameter.param_type_name == "option" and parameter.name != "help"]


def _long_name(option: Any) -> str:
    return next((name for name in option.opts if name.startswith("--")), str(option.opts[0]))


if __name__ == "__main__":
    import typer

    from config.cli import app

    sys.stdout.write(settings_page(typer.main.get_command(app)))
