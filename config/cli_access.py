"""The commands and options about who may what: the user file, and how `serve` lets people in."""

import json
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from config.options import JsonOption, StoreOption
from models.errors import ConfigurationError

users_app = typer.Typer(no_args_is_help=True, help="The local user file: who may sign in, as what; tokens for programs.")
audit_app = typer.Typer(no_args_is_help=True, help="The log of looks at persons' data: verify it, read it, report on a month.")
UsersOption = Annotated[Path, typer.Option("--users", envvar="KERNEEFFEKT_USERS", help="The user file: JSON, mode 0600.")]
RoleOption = Annotated[
    list[str] | None,
    typer.Option("--role", help="reader, controller, operator, data_protection_officer, admin, sender; several times."),
]
PASSWORD_VARIABLE = "KERNEEFFEKT_PASSWORD"

AccessOption = Annotated[
    str,
    typer.Option("--access", help="How people come in: local (no login, this machine alone), users, openid."),
]
LocalRolesOption = Annotated[
    list[str] | None, typer.Option("--local-role", help="What whoever is at this machine is, without a login; none: controller.")
]
ServeUsersOption = Annotated[Path | None, typer.Option("--users", envvar="KERNEEFFEKT_USERS", help="The user file; also programs' tokens.")]
SessionKeyOption = Annotated[
    Path | None, typer.Option("--session-key-file", help="Signs sessions, 32 bytes or more; none: a new key at each start ends them.")
]
PublicUrlOption = Annotated[str | None, typer.Option("--public-url", help="The address that browsers use, https unless on this machine.")]
ProxyOption = Annotated[str | None, typer.Option("--trusted-proxy", help="Address of the proxy in front, whose word on callers is taken.")]
RateOption = Annotated[int, typer.Option("--requests-per-minute", min=1, help="The most that one caller may ask.")]
IssuerOption = Annotated[str | None, typer.Option("--openid-issuer", help="The OpenID provider's address.")]
ClientOption = Annotated[str | None, typer.Option("--openid-client-id", help="What the provider calls this application.")]
ClientSecretOption = Annotated[
    Path | None, typer.Option("--openid-client-secret-file", help="Or KERNEEFFEKT_OPENID_CLIENT_SECRET; none: a public client.")
]
ClaimOption = Annotated[str, typer.Option("--openid-claim", help="The claim that names somebody's groups.")]
GroupOption = Annotated[list[str] | None, typer.Option("--openid-role", help="GROUP=role, several times.")]
ScopeOption = Annotated[str, typer.Option("--openid-scope", help="What the provider is asked for.")]


@users_app.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    users: UsersOption,
    role: RoleOption = None,
    if_missing: Annotated[bool, typer.Option("--if-missing", help="Leave somebody who is there already as they are.")] = False,
) -> None:
    """Add a person, or give one a new password or other roles. The password is asked for, or comes from KERNEEFFEKT_PASSWORD."""
    from dashboard.access.users import UserFile

    file = UserFile(users)
    there = name in (file.users() if users.exists() else {})
    if there and if_missing:
        _say(f"{name} is in {users} already")
        return
    if not there and not role:
        raise ConfigurationError("a new user needs at least one --role")
    made = file.put(name, role or (), password=_password())
    _say(f"{made.name} may sign in as {', '.join(made.roles)}")


@users_app.command("token")
def make_token(
    name: Annotated[str, typer.Argument(help="What the log will call the program.")], users: UsersOption, role: RoleOption = None
) -> None:
    """A new token for a program (a source system: role sender; a statistics tool: reader). Shown once; an older one ends."""
    from dashboard.access.users import UserFile, new_token

    if not role:
        raise ConfigurationError("a program needs at least one --role")
    token = new_token()
    UserFile(users).put(name, role, token=token)
    _say(token)


@users_app.command("roles")
def change_roles(name: Annotated[str, typer.Argument()], users: UsersOption, role: RoleOption = None) -> None:
    """Give somebody these roles in place of those they had. Holds at once, also for who is signed in."""
    from dashboard.access.users import UserFile

    if not role:
        raise ConfigurationError("say the roles with --role; to take somebody out use `users remove`")
    made = UserFile(users).put(name, role)
    _say(f"{made.name}: {', '.join(made.roles)}")


@users_app.command("list")
def list_users(users: UsersOption) -> None:
    """Who may sign in, as what; never what checks them."""
    from dashboard.access.users import UserFile

    for user in UserFile(users).users().values():
        _say(f"{user.name}  {user.kind}  {', '.join(user.roles)}")


@users_app.command("remove")
def remove_user(name: Annotated[str, typer.Argument()], users: UsersOption) -> None:
    """Take somebody out. Their sessions end at once."""
    from dashboard.access.users import UserFile

    UserFile(users).remove(name)
    _say(f"{name} is out")


@audit_app.command("verify")
def verify_audit(
    store: StoreOption,
    head: Annotated[str | None, typer.Option("--head", help="LINES:HASH as an earlier verify printed it: is that still in it?")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every line of the log. Keep what it prints elsewhere: that shows later that nothing was cut off or written anew."""
    from pipelines.audit import Audit

    found = Audit.beside(store).verify(head)
    _say(json.dumps(asdict(found)) if as_json else f"{found.lines} lines, each as it was written; head {found}")


@audit_app.command("list")
def list_audit(store: StoreOption, limit: Annotated[int, typer.Option(min=1)] = 50, as_json: JsonOption = False) -> None:
    """The last entries of the log, oldest first."""
    from pipelines.audit import Audit

    entries = Audit.beside(store).entries()[-limit:]
    if as_json:
        _say(json.dumps(entries, ensure_ascii=False))
        return
    for entry in entries:
        _say(audit_line(entry))


@audit_app.command("report")
def report_audit(
    store: StoreOption,
    month: Annotated[str, typer.Option("--month", help="Such as 2026-11.")],
    sample: Annotated[int, typer.Option("--sample", min=0, help="So many entries to look into.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """A month of the log: how often who did what, and a sample of entries to look into, drawn by nobody's choice."""
    from pipelines.audit import Audit

    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) is None:
        raise ConfigurationError(f"--month must be a month such as 2026-11, got: {month!r}")
    found = Audit.beside(store).report(month, sample)
    if as_json:
        _say(json.dumps(found.as_dict(), ensure_ascii=False))
        return
    _say(f"{month}: {found.entries} entries")
    for (what, by), n in found.counts.items():
        _say(f"  {n:>6}  {what}  by {by}")
    _say(f"to look into ({len(found.sample)} drawn):")
    for entry in found.sample:
        _say("  " + audit_line(entry))


def audit_line(entry: dict[str, Any]) -> str:
    """One entry in a line."""
    about = {name: value for name, value in entry.items() if name not in ("at", "what", "by", "roles") and value is not None}
    return f"{entry['at']}  {entry['what']}  by {entry['by']}  " + ", ".join(f"{name} {value}" for name, value in about.items())


def access_settings(**given: Any) -> Any:
    """The settings of `serve`, from what stands on the command line; lists that are not given keep their default."""
    from dashboard.access.ways_in import MODES, AccessSettings

    if given["mode"] not in MODES:
        raise ConfigurationError(f"--access must be {', '.join(MODES)}, got: {given['mode']!r}")
    chosen: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items() if value not in (None, [])
    }
    return AccessSettings(**chosen)


def _password() -> str:
    """From the environment, from a pipe, or asked for twice; never from the command line, which others can see."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _say(sentence: str) -> None:
    typer.echo(sentence)
