"""How far reading stands from the broker's first record, which is the next that retention deletes."""

from streams.positions import Positions
from streams.topics import Place, Range

A, B = Place("kerneeffekt.employment", 0), Place("kerneeffekt.employment", 1)


def test_headroom_is_what_may_be_deleted_before_something_unread_is() -> None:
    positions = Positions({A: 500})
    assert positions.headroom({A: Range(120, 900), B: Range(40, 60)}, {A: 500, B: 40}) == {A: 380, B: 0}


def test_headroom_below_zero_says_that_unread_records_are_gone() -> None:
    assert Positions({A: 500}).headroom({A: Range(510, 900)}, {A: 500}) == {A: -10}
