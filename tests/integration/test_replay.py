"""The file feed: packed and plain, resumed, fed twice, changed, damaged."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import zstandard

from models.errors import ConfigurationError, KerneeffektError
from pipelines import lines
from pipelines.lines import LineFile
from pipelines.replay import FileProgress, ReplaySummary, replay
from pipelines.staged import Staged
from pipelines.store import Store
from tests.store_factories import bad, counts, event, open_store, staged


class LineReader:
    """A line is `{"id": ...}`; anything else is malformed."""

    def read(self, feed: str, part: int, first_offset: int, values: Sequence[bytes | None], offsets: Sequence[int] | None = None) -> Staged:
        return staged([self._record(value or b"") for value in values], first_offset, feed, part)

    @staticmethod
    def _record(value: bytes) -> dict[str, object]:
        try:
            return event(json.loads(value)["id"])
        except (ValueError, KeyError, TypeError):
            return bad(value)


def fed(store: Store, *paths: Path) -> ReplaySummary:
    return replay(paths, store, intake=LineReader())


def text(*ids: str) -> bytes:
    return b"\n".join(json.dumps({"id": id_}).encode() for id_ in ids)


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    with open_store(tmp_path / "store") as opened:
        yield opened


@pytest.mark.parametrize(("name", "pack"), [("a.ndjson", bytes), ("a.gz", gzip.compress), ("a.zst", zstandard.compress)])
def test_plain_and_packed_files_with_mark_and_open_end(store: Store, tmp_path: Path, name: str, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / name
    path.write_bytes(pack(b"\xef\xbb\xbf" + text("1", "2", "3")))
    assert fed(store, path).accepted == 3
    assert store.offsets() == {(f"file:{path}", 0): 3}


def test_several_parts_packed_one_after_another(store: Store, tmp_path: Path) -> None:
    for name, pack in (("a.gz", gzip.compress), ("a.zst", zstandard.compress)):
        path = tmp_path / name
        path.write_bytes(pack(text(name + "1") + b"\n") + pack(text(name + "2")))
        assert fed(store, path).accepted == 2


def test_every_line_is_a_record_also_an_empty_one(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(text("1") + b"\n\nnot json\n" + text("2") + b"\n")
    summary = fed(store, path)
    assert (summary.received, summary.accepted, summary.quarantined) == (4, 2, 2)
    places = store.connection.execute('SELECT "offset" FROM quarantine ORDER BY 1').fetchall()
    assert places == [(1,), (2,)]


def test_the_same_file_again_counts_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(text("1", "2"))
    fed(store, path)
    again = fed(store, path)
    assert (again.received, again.batches) == (0, 0)
    assert "read before" in again.sentence()
    assert counts(store) == (2, 2, 0, 0, 0)


def test_a_copy_under_another_name_is_all_duplicates(store: Store, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(text("1", "2"))
    fed(store, tmp_path / "a", tmp_path / "b")
    assert counts(store) == (4, 2, 2, 0, 0)


def test_a_file_that_has_grown_is_read_from_where_it_was_left(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(text("1", "2"))
    fed(store, path)
    path.write_bytes(text("1", "2", "3") + b"\n")
    assert fed(store, path).received == 1
    assert counts(store) == (3, 3, 0, 0, 0)


@pytest.mark.parametrize("changed", [text("1", "9", "3"), text("9")])
def test_a_file_that_was_changed_is_a_new_generation(store: Store, tmp_path: Path, changed: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(text("1", "2", "3"))
    fed(store, path)
    path.write_bytes(changed)
    assert fed(store, path).accepted == 1
    assert fed(store, path).received == 0
    feeds = sorted(feed for feed, _ in store.offsets())
    assert feeds == [f"file:{path}", f"file:{path}#2"]
    assert store.connection.execute("SELECT count(*) FROM event").fetchone() == (4,)


def test_it_goes_on_after_the_last_committed_batch(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BATCH_LINES", 2)
    path = tmp_path / "a"
    path.write_bytes(text(*map(str, range(7))))

    def stop(progress: FileProgress) -> None:
        if progress.records == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay([path], store, stop, LineReader())
    assert store.offsets() == {(f"file:{path}", 0): 4}
    seen: list[FileProgress] = []
    assert replay([path], store, seen.append, LineReader()).received == 3
    assert seen[-1].bytes_read == seen[-1].bytes_total == path.stat().st_size
    assert counts(store) == (7, 7, 0, 0, 0)


def test_a_missing_file_is_one_sentence_before_anything_is_read(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(text("1"))
    with pytest.raises(ConfigurationError, match=r"no such file: .*missing; expected a file of events"):
        fed(store, tmp_path / "a", tmp_path / "missing")
    assert store.offsets() == {}
    with pytest.raises(ConfigurationError, match="cannot be read"):
        fed(store, tmp_path)


def test_a_packed_file_that_is_cut_off_gives_what_is_whole_and_then_says_so(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    whole = gzip.compress(text("1", "2") + b"\n") + gzip.compress(text("3"))
    path.write_bytes(whole[:-9])
    with pytest.raises(KerneeffektError, match="cut off or damaged"):
        fed(store, path)
    assert counts(store)[1] >= 2
    path.write_bytes(whole)
    fed(store, path)
    assert counts(store) == (3, 3, 0, 0, 0)


@pytest.mark.security("S19")
def test_a_line_without_end_is_cut_and_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * (3 * lines.LONGEST_LINE) + b"\n" + text("1"))
    with LineFile(path) as file:
        found = file.next(10)
    assert found is not None
    assert [len(value) for value in found.values] == [lines.LONGEST_LINE, len(text("1"))]


def test_real_records_go_all_the_way(tmp_path: Path) -> None:
    wire = {
        "specversion": "1.0", "id": "e1", "source": "urn:test", "type": "dk.kerneopgave.employment.benefit_ended.v1",
        "subject": "p:aaaaaaaa", "time": "2024-01-01T12:00:00+01:00", "data": {"unit": "u1", "spell_id": "s1"},
    }  # fmt: skip
    moved = wire | {
        "id": "c1", "type": "dk.kerneopgave.correction.event_replaced.v1", "time": "2024-03-01T00:00:00Z",
        "data": {"target_source": "urn:test", "target_id": "e1", "replacement": {"time": "2024-01-05T12:00:00Z", "data": wire["data"]}},
    }  # fmt: skip
    unfit = moved | {"id": "c2", "time": "2024-04-01T00:00:00Z"}
    unfit["data"] = moved["data"] | {"replacement": {"time": "2024-01-09T12:00:00Z", "data": {"unit": "u1"}}}  # type: ignore[operator]
    path = tmp_path / "a"
    path.write_text("\n".join(json.dumps(line) for line in (wire, moved, unfit)))
    from tests.store_factories import CATALOGUE, SmallTranslation

    with Store.open(tmp_path / "store", CATALOGUE, translation=SmallTranslation()) as store:
        summary = replay([path], store)
        assert (summary.received, summary.accepted) == (3, 3)
        assert store.connection.execute("SELECT occurred_on::VARCHAR, recorded_at::VARCHAR FROM amended_event").fetchall() == [
            ("2024-01-05", "2024-03-01 00:00:00")
        ]
        assert store.connection.execute("SELECT class, id FROM quarantine").fetchall() == [("payload", "c2")]
        assert counts(store) == (3, 2, 0, 1, 0)
