"""The quarantine page: place and fault, never a value; for operator and data-protection officer; taken up once at a press of a button."""

import datetime as dt
import json
from pathlib import Path

import pytest

from dashboard.access.rights import Role
from dashboard.access.ways_in import local_access
from dashboard.app import create_app
from models import registry
from pipelines.audit import Audit
from pipelines.intake import Intake
from pipelines.store import Store
from tests.factories_mart import catalogue
from tests.page_client import Browser
from tests.town import Town, person, spell

CANARY = "Kanariefugl"
PLACE = "kerneeffekt.employment"


def record(n: int, fact: str, data: dict[str, object]) -> bytes:
    event = {"specversion": "1.0", "id": f"q{n}", "source": "urn:test:fagsystem", "type": f"dk.kerneopgave.employment.{fact}.v1"}
    return json.dumps(event | {"subject": person(n), "time": "2024-01-02T10:00:00+01:00", "data": {"unit": "A", **data}}).encode()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = Town(tmp_path_factory.mktemp("town"), catalogue(municipality={"k": 5}))
    town.feed([event for number in range(20) for event in spell(person(number), dt.date(2024, 1, 10), "A")])
    town.publish(dt.date(2025, 6, 1))
    return town


@pytest.fixture(scope="module")
def rejected(town: Town) -> Town:
    """Three of a type that an older version did not know, two with wrong content; the version is a newer one now."""
    records = [record(n, "conversation_held", {"minutes": 30}) for n in range(3)]
    records += [record(n, "benefit_started", {"spell_id": f"s{n}", "benefit": [CANARY]}) for n in range(3, 5)]
    whole = dict(registry.EVENT_TYPES)
    with Store.open(town.store) as store:
        del registry.EVENT_TYPES["employment.conversation_held"]
        store.commit([Intake(store.time_zone, threads=1).read(PLACE, 7, 0, records)])
    registry.EVENT_TYPES.clear()
    registry.EVENT_TYPES.update(whole)
    return town


def browser(town: Town, *roles: Role, store: Path | None = None) -> Browser:
    return Browser(create_app(town.published, store=store or town.store, access=local_access(*roles)))


def test_it_shows_class_place_and_fault_and_no_value(rejected: Town) -> None:
    seen = browser(rejected, Role.OPERATOR).get("/quarantine?lang=en")
    assert seen.status_code == 200
    assert f"{PLACE}[7]@" in seen.text
    assert "data.benefit" in seen.text
    assert CANARY not in seen.text
    assert "p:" not in seen.text.replace("http:", "")
    only = browser(rejected, Role.OPERATOR).get("/quarantine?lang=da&class=payload")
    assert "et felt i indholdet mangler" in only.text
    assert Audit.beside(rejected.store).entries()[-1]["what"] == "quarantine_seen"


@pytest.mark.parametrize(
    ("role", "sees", "retries"),
    [
        (Role.READER, 403, 403),
        (Role.CONTROLLER, 403, 403),
        (Role.ADMIN, 403, 403),
        (Role.DATA_PROTECTION_OFFICER, 200, 403),
        (Role.OPERATOR, 200, 200),
    ],
)
def test_who_may(rejected: Town, role: Role, sees: int, retries: int) -> None:
    page = browser(rejected, role)
    assert page.get("/quarantine?lang=en").status_code == sees
    assert page.get("/quarantine/download").status_code == sees
    may = "Try again" in page.get("/quarantine?lang=en").text
    assert may is (retries == 200)


def test_the_file_for_the_sender_holds_no_value(rejected: Town) -> None:
    answer = browser(rejected, Role.OPERATOR).get("/quarantine/download?class=payload")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rejected-payload.jsonl"'
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert {one["class"] for one in told} == {"payload"}
    assert all(one["event"]["data"]["benefit"] == ["(text)", "(1 items)"] for one in told)
    assert CANARY not in answer.text


def test_what_is_mended_is_taken_up_once(rejected: Town) -> None:
    page = browser(rejected, Role.OPERATOR)
    said = []
    for _ in range(2):
        done = page.send_form("/quarantine/retry?lang=en", {}, on="/quarantine?lang=en")
        assert done.status_code == 303
        said.append(page.get(done.headers["Location"]).text)
    assert "3 events were taken up; 2 stay." in said[0]
    assert "0 events were taken up; 2 stay." in said[1]


def test_without_a_store_there_is_nothing_to_see(town: Town) -> None:
    page = Browser(create_app(town.published, access=local_access(Role.OPERATOR)))
    assert page.get("/quarantine").status_code == 404
