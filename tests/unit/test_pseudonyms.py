"""Pseudonyms: vectors, numbers in every form that exports have, keys that must be refused."""

import hashlib
import hmac
import random

import pytest

from models.errors import ConfigurationError
from models.pseudonyms import CprError, Key, normal_cpr, read_key_ring
from models.records import PERSON_SUBJECT
from tests.export_like import cpr

ONE, TWO = "0f" * 32, "a1" * 32
RING = f"# keys\nk1 effects {ONE}\nk2 effects {TWO}  # the new one\nk1 wages {'77' * 40}\n"


@pytest.mark.security("S2")
def test_the_pseudonym_is_the_keyed_hash_that_the_contract_names() -> None:
    expected = hmac.new(bytes.fromhex(ONE), b"cpr:0101701234", hashlib.sha256).hexdigest()[:32]
    assert read_key_ring(RING, "ring").key("k1", "effects").person("0101701234") == f"p:k1.{expected}"


@pytest.mark.security("S2")
def test_a_vector_worked_out_elsewhere() -> None:
    # printf 'cpr:0101701234' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0f0f...0f (64 digits)
    assert Key("k1", "effects", bytes.fromhex(ONE)).person("0101701234") == VECTOR


VECTOR = "p:k1.c1b0fee46ce107d1993e17b94c9fd598"


@pytest.mark.security("S2")
def test_two_purposes_share_no_pseudonym() -> None:
    rng, ring = random.Random(3), read_key_ring(RING, "ring")
    numbers = {normal_cpr(cpr(rng)) for _ in range(2_000)}
    made = [{ring.key("k1", purpose).person(number)[5:] for number in numbers} for purpose in ("effects", "wages")]
    assert len(made[0]) == len(made[1]) == len(numbers)
    assert made[0].isdisjoint(made[1])


def test_a_pseudonym_is_a_subject_of_the_contract() -> None:
    import re

    key = read_key_ring(RING, "ring").key("k1", "effects")
    assert re.fullmatch(PERSON_SUBJECT, key.person("0101701234"))
    assert re.fullmatch(PERSON_SUBJECT, key.household("Nørregade 3, 2. tv."))


@pytest.mark.parametrize("text", ["010170-1234", "0101701234", " 010170 1234 ", "010170-1234\t"])
def test_one_person_however_it_is_written(text: str) -> None:
    assert normal_cpr(text) == "0101701234"


@pytest.mark.parametrize("text", ["101701234", "10170-1234"])
def test_a_lost_leading_zero_is_refused_clearly_or_restored_where_the_sender_says_so(text: str) -> None:
    with pytest.raises(CprError, match="a leading zero was lost"):
        normal_cpr(text)
    assert normal_cpr(text, "restore") == "0101701234"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("310270-1234", "not a date"),
        ("001301-1234", "not a date"),
        ("610170-1234", "replacement number"),
        ("1,01701E+09", "rounded"),
        ("01017O-1234", "expected a civil registration number"),
        ("01-01-1970-1234", "expected a civil registration number"),
        ("12345678", "expected a civil registration number"),
        ("01017012345", "expected a civil registration number"),
        ("", "expected a civil registration number"),
    ],
)
def test_what_is_no_number_is_refused_and_not_repeated(text: str, says: str) -> None:
    with pytest.raises(CprError, match=says) as refused:
        normal_cpr(text, "restore")
    assert not text or text not in str(refused.value)


def test_29_february_is_a_day_that_people_are_born_on() -> None:
    assert normal_cpr("290200-1234") == "2902001234"


@pytest.mark.parametrize(
    ("ring", "says"),
    [
        ("", "holds no key"),
        ("# nothing\n", "holds no key"),
        ("k1 effects 0f0f", "too short"),
        (f"k1 effects {ONE[:-2]}", "too short"),
        (f"k1 effects {ONE[:-1]}x", "hex digits"),
        (f"k1 {ONE}", "expected `kid purpose key`"),
        (f"Key-number-1 effects {ONE}", "expected `kid purpose key`"),
        (f"k1 effects {ONE}\nk1 effects {TWO}", "line 2: the key k1 effects stands there twice"),
        (f"k1 effects {ONE}\nk1 wages {ONE.upper()}", "line 2: the same key"),
    ],
)
@pytest.mark.security("S2")
def test_a_ring_that_is_not_safe_is_refused_without_showing_a_key(ring: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        read_key_ring(ring, "ring")
    assert ONE not in str(refused.value)


def test_a_key_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ConfigurationError, match="no key k3 for the purpose effects, it has: k1 effects, k1 wages, k2 effects"):
        read_key_ring(RING, "ring").key("k3", "effects")


@pytest.mark.security("S21")
def test_no_text_of_a_key_or_ring_shows_a_secret() -> None:
    ring = read_key_ring(RING, "ring")
    shown = repr(ring) + str(ring) + repr(ring.key("k1", "effects"))
    assert ONE not in shown
    assert repr(bytes.fromhex(ONE)) not in shown
