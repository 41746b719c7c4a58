"""Companion a: every event delivered twice and out of order gives the same figures, in every table."""

import datetime as dt
import random
from pathlib import Path

from tests.property.test_two_times import DEFINITIONS, history
from tests.town import Town

AS_OF = dt.date(2025, 1, 1)


def test_twice_and_out_of_order_is_once_and_in_order(tmp_path: Path) -> None:
    chance = random.Random(20240101)
    events = sorted(history(chance), key=lambda event: (event["recordedtime"], event["id"]))
    twice = [*events, *events]
    chance.shuffle(twice)
    tables = []
    for name, deliveries in (("in_order", [events]), ("out_of_order", [twice[0::3], twice[1::3], twice[2::3]])):
        (tmp_path / name).mkdir()
        town = Town(tmp_path / name, DEFINITIONS)
        for batch in deliveries:
            town.feed(batch)
        tables.append(town.publish(AS_OF).manifest["tables"])
    # data_quality counts the repetitions, as it should; all else is the same to the last digit.
    assert tables[0].pop("data_quality") != tables[1].pop("data_quality")
    assert tables[0] == tables[1]
    assert tables[0]["effect_by_unit"]["rows"] > 0
