"""How a broker is reached: address, TLS and login, turned into the settings of both Kafka clients in this one place.

TLS always checks the broker's certificate and its host name; there is no setting that leaves that out. A name and password go over TLS
only. Without TLS only a broker on this machine is reached, unless that is allowed in so many words.
"""

import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from models.errors import BrokerRefusedError, ConfigurationError
from pipelines.loopback import is_loopback

Mechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]
MECHANISMS: tuple[str, ...] = get_args(Mechanism)
READABLE_BY_OTHERS = 0o007
PROBE_WITHIN_S = 3.0


@dataclass(frozen=True)
class Tls:
    """What TLS needs.

    ca           PEM file of the authorities that may have signed the broker's certificate; None: those of this machine
    certificate  PEM file of this client's own certificate, with the chain below it, where the broker asks for one (mutual TLS)
    key          PEM file of its private key, without a passphrase, which others may not read
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class Login:
    """Name and password by SASL. The password is in no text made of this."""

    user: str
    password: str = field(repr=False)
    mechanism: str = "SCRAM-SHA-512"


@dataclass(frozen=True)
class Connection:
    """A broker and how it is reached.

    address            `host:port`, or several with commas
    plaintext_allowed  without TLS also to another machine
    raises             ConfigurationError, one sentence, for what cannot work or would not be safe
    """

    address: str
    tls: Tls | None = None
    login: Login | None = None
    plaintext_allowed: bool = False

    def __post_init__(self) -> None:
        if self.login is not None and self.tls is None:
            raise ConfigurationError("a name and password go to the broker over TLS only; expected --broker-tls or --broker-ca FILE")
        if self.login is not None and self.login.mechanism not in MECHANISMS:
            raise ConfigurationError(f"the way to sign in must be one of {', '.join(MECHANISMS)}, got: {self.login.mechanism!r}")
        if self.tls is not None:
            _ssl_context(self.tls)
        elif not self.plaintext_allowed:
            _demand_loopback(self.address)

    def __str__(self) -> str:
        return self.address

    def for_confluent(self) -> dict[str, Any]:
        """Settings of a confluent-kafka producer, consumer or admin client; quiet, since what goes wrong is raised as one sentence."""
        settings: dict[str, Any] = {"bootstrap.servers": self.address, "log_level": 0}
        if self.tls is None:
            return settings
        settings |= {
            "security.protocol": "SSL" if self.login is None else "SASL_SSL",
            "ssl.ca.location": "probe" if self.tls.ca is None else str(self.tls.ca),
            "ssl.endpoint.identification.algorithm": "https",
            "enable.ssl.certificate.verification": True,
        }
        if self.tls.certificate is not None:
            settings |= {"ssl.certificate.location": str(self.tls.certificate), "ssl.key.location": str(self.tls.key)}
        if self.login is not None:
            settings |= {
                "sasl.mechanism": self.login.mechanism,
                "sasl.username": self.login.user,
                "sasl.password": self.login.password,
            }
        return settings

    def for_faust(self) -> Any:
        """Credentials of a Faust app, which hands them to aiokafka; None without TLS."""
        from faust.auth import SASLCredentials, SSLCredentials

        if self.tls is None:
            return None
        context = _ssl_context(self.tls)
        if self.login is None:
            return SSLCredentials(context)
        return SASLCredentials(username=self.login.user, password=self.login.password, mechanism=self.login.mechanism, ssl_context=context)


def connection_to(broker: "str | Connection") -> Connection:
    """A plain address is one without TLS, and so of this machine."""
    return broker if isinstance(broker, Connection) else Connection(broker)


def refusal(connection: Connection, faults: list[tuple[str, str]]) -> BrokerRefusedError | None:
    """What a client's background threads noted, as one sentence with what to mend; None where nothing of it is about TLS or the login.

    faults  name and text of each, as librdkafka gives them
    """
    at = f"the broker at {connection.address}"
    for name, text in faults:
        if name == "_AUTHENTICATION" and connection.login is not None:
            return BrokerRefusedError(
                f"{at} refused the name and password given ({connection.login.mechanism}); "
                "check --broker-user, its password and --broker-mechanism"
            )
        if "certificate verify failed" in text:
            return BrokerRefusedError(
                f"{at} shows a certificate that {_authorities(connection)} did not sign, that ran out, or that is for another host name; "
                "check --broker and --broker-ca"
            )
        if "PLAINTEXT" in text:
            return BrokerRefusedError(f"{at} does not speak TLS on that port; give the port of its TLS listener")
        if name == "_SSL" or "alert" in text:
            return BrokerRefusedError(f"{at} closed the connection: {_demanded(connection)}")
    dropped = any(name == "_ALL_BROKERS_DOWN" for name, _ in faults)
    return (
        BrokerRefusedError(f"{at} closed the connection: {_demanded(connection)}") if dropped and _tls_is_not_enough(connection) else None
    )


def _tls_is_not_enough(connection: Connection) -> bool:
    """Whether a broker that drops connections speaks TLS to a client that does not, or wants more of one that does: it says neither itself.

    One handshake with its first address, after which nothing is sent.
    """
    if connection.login is not None or (connection.tls is not None and connection.tls.certificate is not None):
        return False
    host, port = _host_and_port(connection.address.split(",")[0])
    context = _ssl_context(connection.tls or Tls())
    try:
        with socket.create_connection((host, port), timeout=PROBE_WITHIN_S) as raw, context.wrap_socket(raw, server_hostname=host):
            return True
    except ssl.SSLCertVerificationError:
        return connection.tls is None
    except (OSError, ValueError):
        return False


def _authorities(connection: Connection) -> str:
    return "the authorities of this machine" if connection.tls is None or connection.tls.ca is None else f"{connection.tls.ca}"


def _demanded(connection: Connection) -> str:
    if connection.tls is None:
        return "it wants TLS on that port; give --broker-tls or --broker-ca FILE, and a login where it wants one"
    if connection.login is None and connection.tls.certificate is None:
        return "it probably wants a login or a certificate of ours; give --broker-user, or --broker-certificate and --broker-key"
    return "it did not accept this TLS connection; check the port, --broker-certificate and --broker-key"


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.strip().rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigurationError(f"a broker's address is host:port, got: {address.strip()!r}")
    return host.strip("[]"), int(port)


def _demand_loopback(addresses: str) -> None:
    for address in addresses.split(","):
        if not is_loopback(_host_and_port(address)[0]):
            raise ConfigurationError(
                f"the broker at {address.strip()} is on another machine, so events would cross the network in clear text; "
                "expected --broker-tls or --broker-ca FILE (or --broker-plaintext, where that network is yours alone)"
            )


def _ssl_context(tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and host name checked."""
    if (tls.certificate is None) != (tls.key is None):
        raise ConfigurationError("a certificate of ours and its key belong together; expected both --broker-certificate and --broker-key")
    for what, file in (("--broker-ca", tls.ca), ("--broker-certificate", tls.certificate), ("--broker-key", tls.key)):
        if file is not None and not file.is_file():
            raise ConfigurationError(f"{what}: there is no file {file}; expected a PEM file")
    if tls.key is not None and tls.key.stat().st_mode & READABLE_BY_OTHERS:
        raise ConfigurationError(f"--broker-key: {tls.key} can be read by everybody on this machine; run `chmod 600` on it")
    context = _context_of(tls)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _context_of(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except (OSError, ValueError):
        raise ConfigurationError(f"--broker-ca: {tls.ca} holds no certificate that can be read; expected PEM") from None
    if tls.certificate is not None:
        try:
            # Without the last argument OpenSSL would ask for a passphrase at the terminal.
            context.load_cert_chain(tls.certificate, tls.key, password="")
        except (OSError, ValueError):
            raise ConfigurationError(
                f"--broker-certificate {tls.certificate} and --broker-key {tls.key} do not go together or cannot be read; "
                "expected PEM, the key without a passphrase"
            ) from None
    return context
