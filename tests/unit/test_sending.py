"""What sending keeps and what it shows the judge: never another answer than without."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.records import ParsedEvent, parse_record
from pipelines.sending import memo
from pipelines.sending.columns import looks_personal
from pipelines.sending.memo import Memo
from pipelines.sending.send import without_escapes

PIECES = ('"', "\\", "'", "/", "a", "æ", "0", "020280", "-", " ", "1111", "u0030", "\\u0030", "\n", "x" * 31)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


def event(unit: str, reason: str, note: str) -> bytes:
    data = {"unit": unit, "spell_id": "S-1", "benefit": reason, "attributes": {"note": note}}
    said = {
        "specversion": "1.0",
        "id": "e1",
        "source": "s",
        "type": "dk.kerneopgave.employment.benefit_started.v1",
        "subject": "p:k1.c1b0fee46ce107d1993e17b94c9fd598",
        "time": "2024-01-01T00:00:00+01:00",
        "data": data,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def verdict(raw: bytes) -> object:
    parsed = parse_record(raw)
    return "accepted" if isinstance(parsed, ParsedEvent) else (parsed.reason, parsed.faults)


@settings(max_examples=150, deadline=None)
@given(unit=st.one_of(st.just("nord"), TEXTS), reason=TEXTS, note=TEXTS)
@example(unit="nord", reason='Fisk "frisk; fangst"', note="\\")
@example(unit="nord", reason="a", note='"020280-1111"')
@example(unit='n"', reason="x" * 63 + '"', note="\\" * 65)
@example(unit="nord", reason="\\\\u0030", note='\\"')
def test_the_judge_says_the_same_of_an_event_without_its_escapes(unit: str, reason: str, note: str) -> None:
    raw = event(unit, reason, note)
    assert verdict(without_escapes(raw)) == verdict(raw)


def test_an_event_without_escapes_is_judged_as_it_is_and_of_one_with_them_no_quote_is_left() -> None:
    assert without_escapes(event("nord", "a", "b")) == event("nord", "a", "b")
    assert b"\\" not in without_escapes(event("nord", 'a "b"', "c\\d"))


def test_a_memo_asks_once_keeps_a_bounded_number_and_asks_again_of_what_was_refused() -> None:
    asked: list[str] = []

    def read(text: str) -> str:
        asked.append(text)
        if text == "bad":
            raise ValueError
        return text.upper()

    kept = Memo(read)
    assert [kept[text] for text in "abab"] == list("ABAB")
    for _ in range(2):
        try:
            kept["bad"]
        except ValueError:
            continue
    assert asked == ["a", "b", "bad", "bad"]
    for number in range(3 * memo.KEPT):
        assert kept[str(number)] == str(number)
    assert len(kept) <= memo.KEPT


def test_what_looks_personal_with_and_without_its_leading_zero() -> None:
    cases = {
        "020280-1111": True, "x 0202801111": True, "202801111": True, " 202801111 ": True, "20280-1111": False, "S-0000123": False,
        "12345678": False, "202801111 kr.": False, "０２０２８０-1111": True, "": False,
    }  # fmt: skip
    assert {text: looks_personal(text) for text in cases} == cases
