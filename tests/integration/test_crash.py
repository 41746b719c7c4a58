"""A sample of the kill harness; `python -m tests.crash --kills 200` is the whole of it."""

from pathlib import Path

import pytest

from pipelines import crashpoints
from pipelines.crashpoints import CRASH_POINTS, crashpoint
from tests.crash.harness import AT_RANDOM, Harness, Kill, plan

SAMPLE = (
    Kill("after_events", 2), Kill("after_offsets", 1), Kill("after_commit", 2), Kill(AT_RANDOM, after_s=0.5), Kill("after_checkpoint", 1),
    Kill("compact_before_swap", 1), Kill("publish_after_rename", 1),
)  # fmt: skip


@pytest.mark.timeout(600)
def test_killed_runs_end_as_the_clean_one(tmp_path: Path) -> None:
    harness = Harness(tmp_path, seed=3)
    harness.run(SAMPLE)
    assert sum(harness.kills.values()) >= len(SAMPLE) - 2


def test_a_plan_goes_to_every_point() -> None:
    planned = plan(200, seed=1, clean_s=5.0)
    assert {kill.point for kill in planned} == {*CRASH_POINTS, AT_RANDOM}
    assert plan(200, seed=1, clean_s=5.0) == planned


def test_an_unknown_point_is_refused() -> None:
    with pytest.raises(KeyError, match="not in the registry"):
        crashpoint("somewhere")


def test_only_the_wanted_visit_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    deaths: list[int] = []
    monkeypatch.setattr(crashpoints.os, "kill", lambda pid, signal: deaths.append(len(deaths)))
    monkeypatch.setattr(crashpoints, "_visits", type(crashpoints._visits)())
    monkeypatch.setenv(crashpoints.VARIABLE, "after_read:2")
    crashpoint("after_read")
    crashpoint("after_begin")
    assert deaths == []
    crashpoint("after_read")
    crashpoint("after_read")
    assert deaths == [0]
