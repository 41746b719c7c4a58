"""Companion d: deliveries stop for a day. Activity falls, effect does not, and how far the sources reach stands beside it."""

import datetime as dt
from pathlib import Path

from tests.factories_mart import Mart, catalogue, reached
from tests.town import Event, Town, job, person, said, spell

D = dt.date
DAY = dt.timedelta(days=1)
LAST = D(2024, 3, 31)


def day_of_work(day: dt.date) -> list[Event]:
    """What the town does on each day: somebody's benefit ends, every second finds work after 20 days, ten conversations are held."""
    number = (day - D(2024, 1, 1)).days
    return [
        *spell(person(number), day),
        *[job(person(number), day + 20 * DAY, recorded=day, source="urn:jobs")] * (number % 2),
        *(said("employment.conversation_held", person(number), day, minutes=30, unit="A", source="urn:talks") for _ in range(10)),
    ]


def published(folder: Path, last_delivery: dt.date) -> Mart:
    folder.mkdir()
    outputs = [{"id": "talks", "name": "Talks", "event": "employment.conversation_held"}]
    town = Town(folder, catalogue(municipality={"k": 5}, indicators=[reached(horizon="P30D", reporting_lag="P3D")], outputs=outputs))
    n_days = (last_delivery - D(2024, 1, 1)).days + 1
    town.feed([event for number in range(n_days) for event in day_of_work(D(2024, 1, 1) + number * DAY)])
    return town.mart(LAST)


def test_a_silent_day_lowers_activity_not_effect_and_is_seen(tmp_path: Path) -> None:
    whole, silent = published(tmp_path / "whole", LAST), published(tmp_path / "silent", LAST - DAY)
    talks = "SELECT events FROM output_by_unit WHERE unit_id = 'A' AND output_id = 'talks' AND period = '2024-Q1'"
    assert (whole.row(talks)["events"], silent.row(talks)["events"]) == (910, 900)
    for name in ("matured", "achieved", "denominator", "share", "share_low", "share_high"):
        assert whole.cell("A", "2024-Q1")[name] == silent.cell("A", "2024-Q1")[name], name
    reach = "SELECT watermark, lag_days FROM data_quality WHERE source = 'urn:talks' AND \"check\" = 'events'"
    assert whole.row(reach) == {"watermark": dt.datetime(2024, 3, 31, 12), "lag_days": 0}  # noqa: DTZ001 - UTC without a zone
    assert silent.row(reach) == {"watermark": dt.datetime(2024, 3, 30, 12), "lag_days": 1}  # noqa: DTZ001
