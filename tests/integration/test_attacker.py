"""A linear program that has everything that is published finds nothing hidden; where complementary suppression is off, it does."""

import pytest

from pipelines import disclosure
from tests.attacker.__main__ import attacked


@pytest.mark.parametrize("seed", [1])
def test_nothing_hidden_can_be_worked_out(seed: int) -> None:
    assert attacked(seed, organisations=4) == []


def test_the_attacker_notices_when_only_small_cells_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "hide_more", lambda *_: None)
    assert attacked(1, organisations=2)
