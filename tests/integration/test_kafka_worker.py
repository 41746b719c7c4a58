"""From files over a real Kafka into the store, by the real command line: nothing lost, nothing twice, after whatever end of the worker."""

import hashlib
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import duckdb
import pytest
from confluent_kafka import Consumer, Producer

from dashboard.access.sessions import Sessions
from dashboard.access.users import UserFile
from dashboard.access.ways_in import Access
from dashboard.intake import BATCH_TYPE, create_intake
from models.errors import BrokerError, ConfigurationError
from pipelines.publish import open_current
from pipelines.snapshot import ask_for_snapshot
from streams.app import MAX_FETCH_BYTES
from streams.send import KafkaDelivery, send_files
from streams.topics import EFFECTS_TOPIC, Broker, Place, event_topics
from tests.broker import free_port
from tests.command import PROJECT, kerneeffekt
from tests.export_like import write_export
from tests.page_client import PageClient

pytestmark = pytest.mark.kafka

CATALOGUE = PROJECT / "benchmarks" / "catalogue"
PARTITIONS = 2


def course(person: int) -> list[dict[str, Any]]:
    """One citizen's benefit and the job that followed."""
    subject = f"p:k1.{person:016x}"

    def event(n: int, fact: str, day: str, **data: object) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": f"{person}-{n}",
            "source": "urn:invented:test",
            "type": f"dk.kerneopgave.employment.{fact}.v1",
            "subject": subject,
            "time": f"{day}T10:00:00+01:00",
            "data": {"unit": f"team{person % 3}", **data},
        }

    return [
        event(1, "benefit_started", "2024-01-02", spell_id=f"s{person}", benefit="dagpenge"),
        event(2, "conversation_held", "2024-01-20", minutes=30),
        event(3, "benefit_ended", "2024-02-01", spell_id=f"s{person}"),
        event(4, "placement_started", "2024-02-01", placement_id=f"j{person}"),
    ]


def write_events(path: Path, persons: range, extra: list[bytes] | None = None) -> Path:
    lines = [json.dumps(event).encode() for person in persons for event in course(person)]
    path.write_bytes(b"\n".join(lines + (extra or [])) + b"\n")
    return path


def work(broker: str, prefix: str, store: Path, *more: object) -> subprocess.CompletedProcess[str]:
    return kerneeffekt(*arguments(broker, prefix, store), "--until-caught-up", *more, timeout=120)


def arguments(broker: str, prefix: str, store: Path) -> list[object]:
    return ["worker", "--catalogue", CATALOGUE, "--store", store, "--broker", broker, "--topic-prefix", prefix]


def start(broker: str, prefix: str, store: Path) -> tuple[subprocess.Popen[str], int]:
    port = free_port()
    command = [Path(sys.executable).with_name("kerneeffekt"), *arguments(broker, prefix, store), "--metrics-port", port]
    return subprocess.Popen([str(word) for word in command], cwd=PROJECT, stderr=subprocess.PIPE, text=True), port


def metric(port: int, name: str) -> float:
    """Sum of a metric over its labels; -1 while the worker does not answer."""
    try:
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2).read().decode()
    except OSError:
        return -1
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name)


def wait_for(port: int, name: str, at_least: float, worker: subprocess.Popen[str], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while metric(port, name) < at_least:
        assert worker.poll() is None, f"the worker ended with {worker.returncode}: {worker.stderr.read()}"
        assert time.monotonic() < deadline, f"{name} stayed below {at_least}"
        time.sleep(0.05)


def counts(store: Path) -> tuple[int, int, int, int]:
    """Received, accepted, duplicates, quarantined over all partitions."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{store / 'store.duckdb'}' AS s (READ_ONLY)")
        return connection.execute("SELECT sum(received), sum(accepted), sum(duplicates), sum(quarantined) FROM s.feed_offset").fetchone()


def effect_messages(broker: str, prefix: str) -> list[tuple[str, dict[str, Any]]]:
    ends = Broker(broker).ends({prefix + EFFECTS_TOPIC: Broker(broker).partitions()[prefix + EFFECTS_TOPIC]})
    client = Consumer({"bootstrap.servers": broker, "group.id": f"{prefix}reader", "auto.offset.reset": "earliest"})
    client.subscribe([prefix + EFFECTS_TOPIC])
    messages = []
    try:
        while len(messages) < sum(ends.values()):
            (message,) = client.consume(1, 20)
            messages.append((message.key().decode(), json.loads(message.value())))
        return messages
    finally:
        client.close()


def test_every_record_is_stored_once_and_every_effect_goes_out(kafka_broker, topic_prefix, tmp_path):
    file = write_events(tmp_path / "events.jsonl", range(200), extra=[b'{"type": "cut off', b"\xff", b"[]"])
    store = tmp_path / "store"
    first = send_files([file], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    assert first.sent == 803
    done = work(kafka_broker, topic_prefix, store)
    assert (done.returncode, done.stderr) == (0, "")
    assert counts(store) == (803, 800, 0, 3)

    send_files([file], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    assert work(kafka_broker, topic_prefix, store).returncode == 0
    assert counts(store) == (1606, 800, 800, 6)

    messages = effect_messages(kafka_broker, topic_prefix)
    found = ("job_within_26_weeks", "achieved")
    found_work = {key for key, event in messages if (event["data"]["indicator_id"], event["data"]["outcome"]) == found}
    assert len(found_work) == 200
    assert all(key == event["subject"] and event["data"]["version"] >= 1 for key, event in messages)
    assert len({event["id"] for _, event in messages}) == len(messages), "nothing was sent twice while nothing failed"


def test_topics_that_do_not_exist_are_made_and_an_empty_broker_is_caught_up(kafka_broker, topic_prefix, tmp_path):
    done = work(kafka_broker, topic_prefix, tmp_path / "store", "--partitions", 3)
    assert (done.returncode, done.stderr) == (0, "")
    present = Broker(kafka_broker).partitions()
    assert {present[topic] for topic in event_topics(topic_prefix)} == {3}


def test_after_kill_the_worker_goes_on_at_the_stores_offsets(kafka_broker, topic_prefix, tmp_path):
    store = tmp_path / "store"
    send_files([write_events(tmp_path / "a.jsonl", range(300))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    worker, port = start(kafka_broker, topic_prefix, store)
    try:
        wait_for(port, "kerneeffekt_batches_committed_total", 1, worker)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    send_files([write_events(tmp_path / "b.jsonl", range(300, 400))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    began = time.monotonic()
    worker, port = start(kafka_broker, topic_prefix, store)
    try:
        wait_for(port, "kerneeffekt_batches_committed_total", 1, worker)
        assert time.monotonic() - began < 30, "a dead member must not be waited for until its session (60 s) times out"
    finally:
        worker.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert worker.wait(20) == 0
        assert time.monotonic() - began < 10
    assert work(kafka_broker, topic_prefix, store).returncode == 0
    assert counts(store) == (1600, 1600, 0, 0)


def test_a_second_worker_on_the_same_store_is_refused(kafka_broker, topic_prefix, tmp_path):
    store = tmp_path / "store"
    worker, port = start(kafka_broker, topic_prefix, store)
    try:
        wait_for(port, "kerneeffekt_resident_bytes", 1, worker)
        second = work(kafka_broker, topic_prefix, store)
        assert second.returncode == 2
        assert "in use by process" in second.stderr
        assert "Traceback" not in second.stderr
    finally:
        worker.terminate()
        assert worker.wait(20) == 0


def test_a_running_worker_gives_publish_a_copy_of_the_store(kafka_broker, topic_prefix, tmp_path):
    store = tmp_path / "store"
    send_files([write_events(tmp_path / "a.jsonl", range(20))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    worker, port = start(kafka_broker, topic_prefix, store)
    try:
        wait_for(port, "kerneeffekt_accepted_total", 80, worker)
        copy = ask_for_snapshot(store, within_s=30)
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{copy}' AS s (READ_ONLY)")
            assert connection.execute("SELECT count(*) FROM s.event").fetchone() == (80,)
    finally:
        worker.terminate()
        assert worker.wait(20) == 0


def test_metrics_show_lag_and_no_subject(kafka_broker, topic_prefix, tmp_path):
    store = tmp_path / "store"
    send_files([write_events(tmp_path / "a.jsonl", range(20))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    worker, port = start(kafka_broker, topic_prefix, store)
    try:
        wait_for(port, "kerneeffekt_accepted_total", 80, worker)
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        assert "p:k1" not in text
        assert metric(port, "kerneeffekt_invariant_violations") == 0
        assert f'kerneeffekt_received_total{{topic="{topic_prefix}kerneeffekt.employment"}} 80.0' in text
    finally:
        worker.terminate()
        worker.wait(20)


def test_an_offset_that_the_broker_no_longer_has_halts_with_one_sentence(kafka_broker, topic_prefix, tmp_path):
    store = tmp_path / "store"
    send_files([write_events(tmp_path / "a.jsonl", range(5))], kafka_broker, 1, topic_prefix=topic_prefix)
    assert work(kafka_broker, topic_prefix, store).returncode == 0
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{store / 'store.duckdb'}' AS s; UPDATE s.feed_offset SET next_offset = 1000 WHERE received > 0")
    done = work(kafka_broker, topic_prefix, store)
    assert done.returncode == 1
    assert "has read up to offset 1000, but the broker ends at 20" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_holes_of_a_transactional_topic_are_let_through(kafka_broker, topic_prefix, tmp_path):
    Broker(kafka_broker).ensure_topics(event_topics(topic_prefix), 1)
    producer = Producer({"bootstrap.servers": kafka_broker, "transactional.id": f"{topic_prefix}t"})
    producer.init_transactions(20)
    for person in range(3):
        producer.begin_transaction()
        for event in course(person):
            producer.produce(f"{topic_prefix}kerneeffekt.employment", json.dumps(event))
        producer.commit_transaction(20)
    topic = Place(f"{topic_prefix}kerneeffekt.employment", 0)
    assert Broker(kafka_broker).ends({topic.topic: 1})[topic] == 15, "each transaction leaves a mark that is no record"
    done = work(kafka_broker, topic_prefix, tmp_path / "store")
    assert (done.returncode, done.stderr) == (0, "")
    assert counts(tmp_path / "store")[:2] == (12, 12)


def test_records_that_are_too_large_end_in_quarantine(kafka_broker, topic_prefix, tmp_path):
    """Larger than what is fetched of a partition at once too, and in several partitions: the client would step over what does not fit."""
    notes = (random.Random(person).randbytes(MAX_FETCH_BYTES).hex() for person in range(4))  # hexadecimal digits at random hardly compress
    large = [json.dumps(course(person)[0] | {"note": note}).encode() for person, note in enumerate(notes)]
    file = write_events(tmp_path / "a.jsonl", range(4), extra=[*large, json.dumps(course(9)[0]).encode()])
    assert send_files([file], kafka_broker, PARTITIONS, topic_prefix=topic_prefix).sent == 21
    assert work(kafka_broker, topic_prefix, tmp_path / "store").returncode == 0
    assert counts(tmp_path / "store") == (21, 17, 0, 4)


LOSING = """
import sys
from collections import Counter
from config.cli import main
from streams.transport import Consumer

getmany, seen = Consumer.getmany, Counter()

async def losing(self, timeout):
    async for tp, message in getmany(self, timeout):
        seen[tp] += 1
        if tp.partition != 1 or seen[tp] > 1:
            yield tp, message

Consumer.getmany = losing
sys.exit(main())
"""
"""A worker whose client loses the first fetch of each second partition, as Faust does with messages of an older group generation."""


def test_records_that_get_lost_on_the_way_are_read_again(kafka_broker, topic_prefix, tmp_path):
    send_files([write_events(tmp_path / "a.jsonl", range(20))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    large = json.dumps(course(1)[0] | {"note": random.Random(1).randbytes(MAX_FETCH_BYTES).hex()}).encode()  # comes in a fetch of its own
    send_files([write_events(tmp_path / "b.jsonl", range(0), extra=[large])], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    command = [sys.executable, "-c", LOSING, *map(str, arguments(kafka_broker, topic_prefix, tmp_path / "store")), "--until-caught-up"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "records did not arrive and are read again" in done.stderr
    assert counts(tmp_path / "store") == (81, 80, 0, 1)


def test_the_last_records_are_read_again_too_when_they_get_lost(kafka_broker, topic_prefix, tmp_path):
    send_files([write_events(tmp_path / "a.jsonl", range(20))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    command = [sys.executable, "-c", LOSING, *map(str, arguments(kafka_broker, topic_prefix, tmp_path / "store")), "--until-caught-up"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert counts(tmp_path / "store")[:2] == (80, 80)


def test_a_broker_that_does_not_answer_is_said_in_one_sentence(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        done = work(address, "", tmp_path / "store")
    assert done.returncode == 1
    assert time.monotonic() - began < 25
    assert done.stderr.startswith(f"kerneeffekt: the broker at {address} does not answer")
    assert "Traceback" not in done.stderr


def test_sending_needs_a_broker_and_files_that_exist(tmp_path):
    with pytest.raises(ConfigurationError, match="no such file"):
        send_files([tmp_path / "missing.jsonl"], "127.0.0.1:1")
    with pytest.raises(BrokerError, match="does not answer"):
        Broker("127.0.0.1:1", answer_within_s=0.5).partitions()


def mart_hashes(published: Path) -> dict[str, str]:
    _, connection = open_current(published)
    with connection:
        tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'mart'").fetchall()]
        return {
            table: hashlib.sha256(
                repr(connection.execute(f"SELECT COLUMNS(c -> c <> 'snapshot_id') FROM mart.{table} ORDER BY ALL").fetchall()).encode()
            ).hexdigest()
            for table in tables
        }


def publish(store: Path, to: Path) -> dict[str, str]:
    done = kerneeffekt("publish", "--catalogue", CATALOGUE, "--store", store, "--to", to, "--as-of", "2025-06-01")
    assert done.returncode == 0, done.stderr
    return mart_hashes(to)


@pytest.mark.security("S29")
def test_a_store_that_is_lost_comes_back_to_the_last_event(kafka_broker, topic_prefix, tmp_path):
    """RPO 0 within Kafka's retention: backup beside the worker, more events, the store destroyed; the mart is as if nothing had been."""
    store, backups = tmp_path / "store", tmp_path / "backups"
    send_files([write_events(tmp_path / "a.jsonl", range(200))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    worker, port = start(kafka_broker, topic_prefix, store)
    try:
        wait_for(port, "kerneeffekt_accepted_total", 1, worker)
        done = kerneeffekt("backup", "--store", store, "--to", backups)
        assert done.returncode == 0, done.stderr
        send_files([write_events(tmp_path / "b.jsonl", range(150, 300))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
        wait_for(port, "kerneeffekt_received_total", 1400, worker)
        deadline = time.monotonic() + 20
        while not 0 <= metric(port, "kerneeffekt_backup_age_seconds") < 600:
            assert time.monotonic() < deadline, "the worker does not see that there is a backup"
            time.sleep(0.2)
    finally:
        worker.terminate()
        assert worker.wait(20) == 0
    assert counts(store) == (1400, 1200, 200, 0)
    never_lost = publish(store, tmp_path / "one")
    shutil.rmtree(store)
    (backup,) = backups.glob("*.backup")
    restored = kerneeffekt("restore", backup, "--store", store, "--json")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["offsets"], "the offsets to go on from"
    assert work(kafka_broker, topic_prefix, store).returncode == 0
    assert counts(store) == (1400, 1200, 200, 0)
    assert publish(store, tmp_path / "two") == never_lost
    assert {file.stat().st_mode & 0o777 for file in store.glob("*.duckdb*")} == {0o600}


def test_told_to_stop_under_load_it_ends_in_order_and_loses_nothing(kafka_broker, topic_prefix, tmp_path):
    """SIGTERM in the middle of 40,000 records: exit code 0 within ten seconds, and the rest is read by the next one."""
    store = tmp_path / "store"
    send_files([write_events(tmp_path / "a.jsonl", range(10_000))], kafka_broker, PARTITIONS, topic_prefix=topic_prefix)
    worker, port = start(kafka_broker, topic_prefix, store)
    wait_for(port, "kerneeffekt_queue_bytes", 0, worker)
    wait_for(port, "kerneeffekt_broker_answers", 1, worker)
    began = time.monotonic()
    worker.terminate()
    assert worker.wait(20) == 0
    assert time.monotonic() - began < 10
    assert worker.stderr.read() == ""
    assert work(kafka_broker, topic_prefix, store).returncode == 0
    assert counts(store) == (40_000, 40_000, 0, 0)
    messages = effect_messages(kafka_broker, topic_prefix)
    assert len({key for key, event in messages if event["data"]["outcome"] == "achieved"}) == 10_000


def test_a_csv_and_a_batch_by_http_come_through_the_broker_and_count_once(kafka_broker, topic_prefix, tmp_path):
    export, ring = write_export(tmp_path / "export.csv", 50), f"k1 effects {'0f' * 32}"
    command = [
        "send",
        export,
        "--mapping",
        "docs/examples/jobcenter.yaml",
        "--broker",
        kafka_broker,
        "--topic-prefix",
        topic_prefix,
        "--json",
    ]
    sent = [kerneeffekt(*command, KERNEEFFEKT_PSEUDONYM_KEY_RING=ring) for _ in range(2)]
    assert [done.returncode for done in sent] == [0, 0], sent[0].stderr
    n = json.loads(sent[0].stdout)["sent"]

    users = UserFile(tmp_path / "users.json")
    users.put("fasit", ["sender"], token="ke_sender")
    access = Access("users", Sessions(b"x" * 32), users=users)
    intake = PageClient(create_intake(access, KafkaDelivery(kafka_broker, PARTITIONS, topic_prefix), allowed_hosts=("127.0.0.1",)))
    headers = {"Content-Type": BATCH_TYPE, "Authorization": "Bearer ke_sender"}
    for _ in range(2):
        assert intake.request("POST", "/events", content=json.dumps(course(1)).encode(), headers=headers).status_code == 202

    assert work(kafka_broker, topic_prefix, tmp_path / "store").returncode == 0
    assert counts(tmp_path / "store") == (2 * n + 8, n + 4, n + 4, 0)
