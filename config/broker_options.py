"""The options that say how a broker is reached, the same for every command that speaks to one."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from streams.connection import Connection, Login, Tls

PASSWORD_VARIABLE = "KERNEEFFEKT_BROKER_PASSWORD"


@dataclass(frozen=True)
class BrokerSecurity:
    """TLS and login, as given; each field is one option."""

    broker_tls: Annotated[
        bool, typer.Option("--broker-tls", help="TLS to the broker, its certificate signed by an authority this machine trusts.")
    ] = False
    broker_ca: Annotated[
        Path | None, typer.Option("--broker-ca", help="TLS, the broker's certificate signed by an authority in this PEM file.")
    ] = None
    broker_certificate: Annotated[
        Path | None, typer.Option("--broker-certificate", help="PEM file of our own certificate (mutual TLS), with --broker-key.")
    ] = None
    broker_key: Annotated[Path | None, typer.Option("--broker-key", help="PEM file of its key, no passphrase, mode 0600.")] = None
    broker_user: Annotated[str | None, typer.Option("--broker-user", help="Name to sign in to the broker with (SASL over TLS).")] = None
    broker_password_file: Annotated[
        Path | None, typer.Option("--broker-password-file", help=f"File with its password, mode 0600; none: {PASSWORD_VARIABLE}.")
    ] = None
    broker_mechanism: Annotated[str, typer.Option("--broker-mechanism", help="How to sign in: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN.")] = (
        "SCRAM-SHA-512"
    )
    broker_plaintext: Annotated[
        bool, typer.Option("--broker-plaintext", help="Allow a broker on another machine without TLS; events cross that network readable.")
    ] = False

    def connection(self, broker: str) -> Connection:
        """To this address. raises ConfigurationError, one sentence, for what cannot work or would not be safe."""
        tls = None
        if self.broker_tls or self.broker_ca or self.broker_certificate or self.broker_key:
            tls = Tls(self.broker_ca, self.broker_certificate, self.broker_key)
        return Connection(broker, tls, self._login(), self.broker_plaintext)

    def _login(self) -> Login | None:
        from dashboard.access.secrets_read import read_secret
        from models.errors import ConfigurationError

        if self.broker_user is None:
            if self.broker_password_file is not None:
                raise ConfigurationError("--broker-password-file is the password of a name; expected --broker-user NAME too")
            return None
        password = read_secret("the broker's password", self.broker_password_file, PASSWORD_VARIABLE)
        if password is None:
            raise ConfigurationError(f"--broker-user needs a password; expected --broker-password-file FILE or {PASSWORD_VARIABLE}")
        return Login(self.broker_user, password.decode("utf-8", errors="replace"), self.broker_mechanism)


def takes_broker_security(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of `BrokerSecurity`, in place of its parameter `security`."""
    added = list(inspect.signature(BrokerSecurity).parameters.values())
    own = [parameter for parameter in inspect.signature(command).parameters.values() if parameter.name != "security"]

    def with_security(**given: Any) -> None:
        security = BrokerSecurity(**{field.name: given.pop(field.name) for field in fields(BrokerSecurity)})
        command(**given, security=security)

    named: Any = with_security
    named.__name__, named.__doc__ = command.__name__, command.__doc__
    named.__signature__ = inspect.Signature([*own, *added])
    named.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *added]}
    return with_security
