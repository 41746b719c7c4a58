"""Logs say kinds, places and counts; whatever is written like a person never gets out."""

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest

from pipelines.logs import JsonLines, Sentences, about, clean, configure_logs

SUBJECT, NUMBER = "p:k1.deadbeefdeadbeef", "010190-1234"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    logger, said = logging.getLogger("streams.a_test"), io.StringIO()
    handler = logging.StreamHandler(said)
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    yield logger, said
    logger.removeHandler(handler)


@pytest.fixture
def own_logging() -> Iterator[None]:
    """The process's logging as it was, afterwards."""
    root, hook = logging.getLogger(), threading.excepthook
    before = root.handlers[:], root.level
    yield
    configure_logs("text")
    root.handlers[:], _ = before
    root.setLevel(before[1])
    threading.excepthook = hook


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{SUBJECT} came twice", "[redacted] came twice"),
        (f"value '{NUMBER}' is no date", "value '[redacted]' is no date"),
        ("c:12345678 and h:house-1", "[redacted] and [redacted]"),
        ("kerneeffekt.employment[3]@1234567 in 12.5 s", "kerneeffekt.employment[3]@1234567 in 12.5 s"),
        ("http://broker:9092/path: no answer – try again", "http://broker:9092/path: no answer – try again"),
    ],
)
@pytest.mark.security("S11")
def test_what_is_written_like_a_person_is_masked(text, said):
    assert clean(text) == said


@pytest.mark.security("S11")
def test_json_lines_hold_facts_and_of_an_error_its_kind_and_place_only(log):
    logger, said = log
    logger.handlers[0].setFormatter(JsonLines())
    logger.info("stored", extra=about(records=5, subject=SUBJECT))
    try:
        raise ValueError(f"cannot read {SUBJECT} born {NUMBER}")
    except ValueError:
        logger.exception("page failed")
    first, second = map(json.loads, said.getvalue().splitlines())
    assert (first["message"], first["records"], first["subject"], first["level"]) == ("stored", 5, "[redacted]", "info")
    assert first["time"].endswith("+00:00")
    assert (second["error"], second["message"]) == ("ValueError", "page failed")
    assert second["at"].startswith("test_logs.py:")
    assert SUBJECT not in said.getvalue()
    assert NUMBER not in said.getvalue()


def test_sentences_are_for_people(log):
    logger, said = log
    logger.handlers[0].setFormatter(Sentences())
    try:
        raise KeyError(NUMBER)
    except KeyError:
        logger.exception("page failed")
    assert said.getvalue().startswith("kerneeffekt: page failed (KeyError, test_logs.py:")
    assert len(said.getvalue().splitlines()) == 1


@pytest.mark.usefixtures("own_logging")
def test_a_thread_that_dies_is_logged_without_what_it_held(capsys):
    configure_logs("json")

    def die() -> None:
        raise ValueError(SUBJECT)

    thread = threading.Thread(target=die, name="reader")
    thread.start()
    thread.join()
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["error"]) == ("critical", "ValueError")
    assert "reader" in line["message"]
    assert SUBJECT not in json.dumps(line)
