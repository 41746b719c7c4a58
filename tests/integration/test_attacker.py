"""A linear program that has everything that is published finds nothing hidden; where complementary suppression is off, it does."""

import pytest

from pipelines import disclosure
from tests.attacker.__main__ import attacks


@pytest.mark.security("S12")
def test_nothing_hidden_can_be_worked_out() -> None:
    assert list(attacks(2, organisations=4)) == []


@pytest.mark.security("S12")
def test_the_attacker_notices_when_only_small_cells_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "hide_more", lambda *given: given[-1]())  # all but what is done meanwhile
    assert next(attacks(1, organisations=1), None) is not None
