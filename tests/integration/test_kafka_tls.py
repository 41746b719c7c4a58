"""A real Kafka that wants TLS and a login, with rights for no more than each part needs; and every wrong way is one sentence."""

import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from models.errors import BrokerRefusedError, ConfigurationError
from streams.connection import Connection, Login, Tls
from streams.send import send_files
from streams.topics import EFFECTS_TOPIC, Broker, event_topics
from tests.broker import free_port, missing_tools, running_broker
from tests.certificates import Authority, Signed
from tests.command import kerneeffekt
from tests.integration.test_kafka_worker import CATALOGUE, counts, write_events

pytestmark = [pytest.mark.kafka, pytest.mark.security("S22")]

SENDER_PASSWORD, WORKER_PASSWORD = "canary-of-the-sender", "canary-of-the-worker"


@dataclass(frozen=True)
class Secured:
    """One broker by three ways: without TLS for its operator, by mutual TLS, and by TLS with a login."""

    operator: str
    mutual: str
    login: str
    authority: Authority
    client: Signed
    folder: Path

    def as_sender(self) -> dict[str, str]:
        """Environment of a part that signs in as the sender."""
        return {
            "KERNEEFFEKT_BROKER": self.login,
            "KERNEEFFEKT_BROKER_CA": str(self.authority.file),
            "KERNEEFFEKT_BROKER_USER": "sender",
            "KERNEEFFEKT_BROKER_PASSWORD": SENDER_PASSWORD,
        }


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    if lacking := missing_tools():
        pytest.fail(lacking) if os.environ.get("KERNEEFFEKT_REQUIRE_ALL") else pytest.skip(lacking)
    folder, mutual, login = tmp_path_factory.mktemp("tls"), free_port(), free_port()
    authority = Authority(folder, "authority")
    server, client = authority.sign("broker", "localhost"), authority.sign("worker-by-certificate")
    properties = folder / "tls.properties"
    properties.write_text(
        f"""
ssl.keystore.type=PEM
ssl.keystore.location={server.both}
ssl.truststore.type=PEM
ssl.truststore.location={authority.file}
ssl.enabled.protocols=TLSv1.2,TLSv1.3
listener.name.mutual.ssl.client.auth=required
listener.name.login.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.login.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.login.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_sender="{SENDER_PASSWORD}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
""",
        encoding="utf-8",
    )
    listeners = {"MUTUAL": (mutual, "SSL"), "LOGIN": (login, "SASL_SSL")}
    with running_broker(properties=properties, listeners=listeners) as operator:
        allow(operator)
        yield Secured(operator, f"localhost:{mutual}", f"localhost:{login}", authority, client, folder)


def allow(operator: str) -> None:
    """What docs/security.md says each part needs, and no more."""
    Broker(operator).ensure_topics([*event_topics(), EFFECTS_TOPIC], 2)
    admin = AdminClient({"bootstrap.servers": operator})
    logins = {"sender": SENDER_PASSWORD, "worker": WORKER_PASSWORD}
    scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    updates = [UserScramCredentialUpsertion(name, scram, password.encode()) for name, password in logins.items()]
    rights = [
        ("sender", ResourceType.TOPIC, "kerneeffekt.", AclOperation.WRITE),
        *(
            (worker, *right)
            for worker in ("worker", "CN=worker-by-certificate")
            for right in (
                (ResourceType.TOPIC, "kerneeffekt.", AclOperation.READ),
                (ResourceType.TOPIC, EFFECTS_TOPIC, AclOperation.WRITE),
                (ResourceType.GROUP, "kerneeffekt-", AclOperation.READ),
            )
        ),
    ]
    acls = [
        AclBinding(kind, name, ResourcePatternType.PREFIXED, f"User:{who}", "*", operation, AclPermissionType.ALLOW)
        for who, kind, name, operation in rights
    ]
    for answer in (*admin.alter_user_scram_credentials(updates).values(), *admin.create_acls(acls).values()):
        answer.result(timeout=20)


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What a refused run said, which is one line, without a password."""
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert "canary" not in done.stdout + done.stderr
    return line


def test_events_go_in_and_effects_come_out_by_tls_and_login(secured: Secured, tmp_path: Path) -> None:
    password, file = tmp_path / "password", write_events(tmp_path / "events.jsonl", range(50))
    password.write_text(WORKER_PASSWORD + "\n", encoding="utf-8")
    password.chmod(0o600)
    sent = kerneeffekt("send", file, "--broker-mechanism", "PLAIN", **secured.as_sender())
    assert (sent.returncode, sent.stderr) == (0, "")
    login = ("--broker-ca", secured.authority.file, "--broker-user", "worker", "--broker-password-file", password)
    work = ("worker", "--catalogue", CATALOGUE, "--store", tmp_path / "store", "--until-caught-up", "--log-format", "json")
    done = kerneeffekt(*work, "--broker", secured.login, *login, timeout=90)
    assert done.returncode == 0, done.stderr
    assert "canary" not in done.stdout + done.stderr
    assert counts(tmp_path / "store") == (200, 200, 0, 0)

    mutual = ("--broker-ca", secured.authority.file, "--broker-certificate", secured.client.certificate, "--broker-key", secured.client.key)
    again = ("worker", "--catalogue", CATALOGUE, "--store", tmp_path / "second", "--until-caught-up")
    done = kerneeffekt(*again, "--broker", secured.mutual, *mutual, timeout=90)
    assert (done.returncode, done.stderr) == (0, "")
    assert counts(tmp_path / "second") == (200, 200, 0, 0)

    topic = {EFFECTS_TOPIC: 2}
    ends, low = Broker(secured.operator).ends(topic), 2 * 50
    assert sum(ends.values()) >= low, "both workers, by login and by certificate, sent the effects of fifty people"


def test_a_sender_may_not_read(secured: Secured) -> None:
    connection = Connection(secured.login, Tls(secured.authority.file), Login("sender", SENDER_PASSWORD))
    reader = Consumer(connection.for_confluent() | {"group.id": "kerneeffekt-thief", "auto.offset.reset": "earliest"})
    reader.subscribe(event_topics())
    try:
        message = reader.poll(15)
        assert message is not None
        assert message.error().name() in {"TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED"}
    finally:
        reader.close()


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
def test_a_wrong_password(secured: Secured, mechanism: str, tmp_path: Path) -> None:
    wrong = secured.as_sender() | {"KERNEEFFEKT_BROKER_PASSWORD": "canary-guessed"}
    file = write_events(tmp_path / "events.jsonl", range(1))
    said = one_sentence(kerneeffekt("send", file, "--broker-mechanism", mechanism, **wrong))
    assert f"the broker at {secured.login} refused the name and password given ({mechanism})" in said


def test_an_authority_that_did_not_sign(secured: Secured, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other").file
    wrong = secured.as_sender() | {"KERNEEFFEKT_BROKER_CA": str(other)}
    said = one_sentence(kerneeffekt("worker", "--catalogue", CATALOGUE, "--store", tmp_path / "store", **wrong))
    assert f"shows a certificate that {other} did not sign" in said


def refused(connection: Connection) -> str:
    with pytest.raises(BrokerRefusedError) as raised:
        Broker(connection).partitions()
    return str(raised.value)


def test_every_other_wrong_way_is_one_sentence_too(secured: Secured) -> None:
    trusted = Tls(secured.authority.file)
    by_number = secured.login.replace("localhost", "127.0.0.1")
    assert "is for another host name" in refused(Connection(by_number, trusted, Login("sender", SENDER_PASSWORD)))
    assert "the authorities of this machine did not sign" in refused(Connection(secured.login, Tls(), Login("sender", SENDER_PASSWORD)))
    assert "it wants TLS on that port" in refused(Connection(secured.login))
    assert "it probably wants a login or a certificate" in refused(Connection(secured.login, trusted))
    assert "it probably wants a login or a certificate" in refused(Connection(secured.mutual, trusted))
    assert "does not speak TLS on that port" in refused(Connection(secured.operator.replace("127.0.0.1", "localhost"), trusted))


def test_a_client_never_speaks_tls_older_than_1_2(secured: Secured, tmp_path: Path) -> None:
    server = secured.authority.sign("old", "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.key)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                try:
                    context.wrap_socket(connection, server_side=True)
                    seen.append("spoke")
                except OSError as error:
                    seen.append(str(error))

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        connection = Connection(f"localhost:{listener.getsockname()[1]}", Tls(secured.authority.file))
        with pytest.raises(ssl.SSLError), socket.create_connection(listener.getsockname()) as raw:
            connection.for_faust().context.wrap_socket(raw, server_hostname="localhost")
        refused(connection)
        thread.join(10)
    assert len(seen) == 2
    assert "spoke" not in seen


def test_the_settings_that_cannot_work_or_would_not_be_safe(secured: Secured, tmp_path: Path) -> None:
    ca, client = secured.authority.file, secured.client
    open_key = tmp_path / "open.pem"
    open_key.write_bytes(client.key.read_bytes())
    open_key.chmod(0o644)
    wrong: list[tuple[str, dict[str, object]]] = [
        ("over TLS only", {"login": Login("sender", "canary")}),
        ("must be one of", {"tls": Tls(ca), "login": Login("sender", "canary", "GSSAPI")}),
        ("there is no file", {"tls": Tls(tmp_path / "gone.pem")}),
        ("holds no certificate", {"tls": Tls(client.key)}),
        ("belong together", {"tls": Tls(ca, client.certificate)}),
        ("can be read by everybody", {"tls": Tls(ca, client.certificate, open_key)}),
        ("do not go together", {"tls": Tls(ca, client.certificate, secured.authority.sign("stranger").key)}),
    ]
    for sentence, given in wrong:
        with pytest.raises(ConfigurationError, match=sentence) as raised:
            Connection("localhost:9092", **given)
        assert "canary" not in str(raised.value)


@pytest.mark.parametrize("address", ["kafka.example:9092", "10.0.0.7:9092", "127.0.0.1:9092,kafka.example:9092", "localhost.example:9092"])
def test_another_machine_is_reached_by_tls_or_by_leave(address: str) -> None:
    with pytest.raises(ConfigurationError, match="clear text"):
        Connection(address)
    assert Connection(address, plaintext_allowed=True).for_confluent()["bootstrap.servers"] == address


@pytest.mark.parametrize("address", ["localhost:9092", "127.0.0.1:9092", "127.8.9.10:9092", "[::1]:9092", "127.0.0.1:9092,localhost:9093"])
def test_this_machine_needs_no_tls(address: str) -> None:
    assert "security.protocol" not in Connection(address).for_confluent()


def test_no_text_of_a_connection_holds_the_password(secured: Secured) -> None:
    connection = Connection(secured.login, Tls(secured.authority.file), Login("sender", SENDER_PASSWORD))
    assert "canary" not in f"{connection!r} {connection} {connection.for_faust()!r}"


def test_a_user_without_a_password_and_a_password_without_a_user(tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.jsonl", range(1))
    assert "--broker-user needs a password" in one_sentence(
        kerneeffekt("send", file, "--broker", "localhost:1", "--broker-tls", "--broker-user", "sender")
    )
    assert "expected --broker-user NAME too" in one_sentence(
        kerneeffekt("send", file, "--broker", "localhost:1", "--broker-tls", "--broker-password-file", file)
    )


def test_send_files_takes_the_same_connection(secured: Secured, tmp_path: Path) -> None:
    connection = Connection(secured.login, Tls(secured.authority.file), Login("sender", SENDER_PASSWORD))
    assert send_files([write_events(tmp_path / "events.jsonl", range(3))], connection, 2).sent == 12
