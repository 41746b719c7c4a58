"""Input that means harm: formulas, paths that lead elsewhere, addresses to be fetched, bombs, parameters; and no network at all."""

import csv
import gzip
import io
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pyarrow as pa
import pytest
import zstandard

from dashboard.access.rights import ROUTES
from dashboard.app import create_app
from dashboard.exports import FORMATS, Asked
from dashboard.snapshots import Snapshot, open_snapshot
from dashboard.tables import Table
from models.errors import ConfigurationError
from pipelines.lines import LONGEST_LINE, LineFile
from tests.command import PROJECT, kerneeffekt
from tests.factories_published import publish_example
from tests.integration.test_exports import VERSION
from tests.integration.test_kafka_worker import CATALOGUE, course
from tests.page_client import PageClient

FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")
N_CELLS = 100_000


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_example(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def client(published: Path) -> PageClient:
    return PageClient(create_app(published), raise_faults=False)


@pytest.fixture(scope="module")
def snapshot(published: Path) -> Snapshot:
    return open_snapshot(published, VERSION)


def hostile_cells() -> list[str]:
    """A hundred thousand texts that a spreadsheet may run: what starts a formula, behind and between what is overlooked."""
    draw = random.Random(13)
    calls = ["=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example";"x")', "@SUM(1+1)*cmd|'x'!A1", "-2+3+cmd|' /C calc'!A0", "DDE("]
    starts = [*FORMULA_STARTS, *calls]
    hiding = ["", " ", "\n", "\r\n", "\r", "\t", "\u00a0", "\ufeff", "\u2003", "name\n", 'a";', "a,", "'", '"', "\n\n ", "x\r"]
    return [
        "".join(draw.choice(hiding) for _ in range(draw.randrange(3))) + draw.choice(starts) + draw.choice(["", "1+1", "A1", " ", "\n=1"])
        for _ in range(N_CELLS)
    ]


def runs(cell: str) -> bool:
    """Whether a spreadsheet may take a line of the cell for a formula: by its first sign that is not blank."""
    return any(line.lstrip(" \u00a0\ufeff\u2003\x0b\x0c").startswith(FORMULA_STARTS) for line in cell.replace("\r\n", "\n").split("\n"))


@pytest.mark.security("S13")
@pytest.mark.parametrize(("dialect", "delimiter"), [("comma", ","), ("semicolon", ";")])
def test_none_of_a_hundred_thousand_hostile_cells_runs_in_a_csv(snapshot: Snapshot, dialect: str, delimiter: str) -> None:
    cells = hostile_cells()
    table = Table("t", {"text": "VARCHAR", "amount_ore": "BIGINT"}, {"text": "=1+1", "amount_ore": None})
    content = pa.table({"text": pa.array(cells), "amount_ore": pa.array([-number for number in range(N_CELLS)])})
    body = FORMATS["csv"].write(snapshot, table, content, Asked(dialect)).decode("utf-8-sig")
    read = csv.reader(io.StringIO(body[body.index("text" + delimiter) :], newline=""), delimiter=delimiter)
    rows = list(read)[1:]
    assert len(rows) == N_CELLS
    assert [row[0] for row in rows if runs(row[0])] == []
    assert [int(row[1]) for row in rows] == [-number for number in range(N_CELLS)], "negative numbers stay numbers"
    kept = [row[0].replace("'", "").split() == cell.replace("'", "").split() for row, cell in zip(rows, cells, strict=True)]
    assert all(kept), "nothing is taken out of a text"


@pytest.mark.security("S13")
def test_no_hostile_cell_is_a_formula_in_an_excel_file(snapshot: Snapshot) -> None:
    cells = hostile_cells()[:10_000]
    table = Table("t", {"text": "VARCHAR"}, {"text": "=1+1"})
    written = FORMATS["xlsx"].write(snapshot, table, pa.table({"text": pa.array(cells)}), Asked())
    sheet = openpyxl.load_workbook(io.BytesIO(written), read_only=True)["data"]
    read = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert len(read) == len(cells)
    assert {cell.data_type for cell in read if cell.value is not None} == {"s"}, "never f: a formula"
    assert [cell.value for cell in read if cell.value is not None and runs(str(cell.value))] == []


HOSTILE_VALUES = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "\uff1cscript\uff1e", "\u202e\u0000",
    "\ud7ff\ufffe",
    "' OR '1'='1", "'; DROP TABLE effect_by_unit; --", "1; ATTACH 'x'", "all' UNION SELECT * FROM duckdb_settings()--", "(SELECT 1)",
    "read_text('/etc/passwd')", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "file:///etc/passwd", "http://169.254.169.254/latest/meta-data/",
    "\x00", "\r\nSet-Cookie: a=b", "%0d%0aX-Evil: 1",
    "A" * 5_000, "${7*7}", "{{7*7}}", "-1", "99999999999999999999", "1e309", "NaN", "null", "[]",
    "[object Object]", "=cmd|' /C calc'!A0",
)  # fmt: skip
PARAMETERS = (
    "lang", "cohort", "unit", "indicator", "organisation", "level", "attribution", "limits", "before", "after", "limit", "offset", "sort",
    "q", "unit_id", "format", "dialect", "notes", "purpose", "next", "code", "state", "unheard_of",
)  # fmt: skip
REAL = {"core_task_id": "work", "indicator_id": "job_held", "unit_id": "job-nord", "table": "effect_by_unit", "ending": "csv"}


def reading_routes() -> list[str]:
    paths = [route.removeprefix("GET ") for route in ROUTES if route.startswith("GET ")]
    return sorted(path for path in paths if not path.startswith("/login/"))


def filled(route: str, **given: str) -> str:
    for name, value in (REAL | given).items():
        route = route.replace("{" + name + "}", quote(value, safe=""))
    return route


@pytest.mark.security("S14", "S25")
@pytest.mark.parametrize("route", reading_routes())
def test_no_hostile_value_of_any_parameter_breaks_a_page_or_comes_back_as_it_was(client: PageClient, route: str) -> None:
    for number, value in enumerate(HOSTILE_VALUES):
        tried = [PARAMETERS[(number + step) % len(PARAMETERS)] for step in range(0, len(PARAMETERS), 6)]
        asked = [(filled(route), {name: value}) for name in tried]
        asked += [(filled(route, **{name: value}), {}) for name in REAL if "{" + name + "}" in route]
        for path, parameters in asked:
            answer = client.get(path, params=parameters)
            assert answer.status_code < 500, (route, parameters, value[:40])
            assert "<script>alert(1)" not in answer.text, (route, parameters)
            assert "<img src=x" not in answer.text, (route, parameters)
            assert "root:x:0" not in answer.text
            assert "x-evil" not in answer.headers
            assert "a=b" not in answer.headers.get("set-cookie", "")


def hostile_names() -> list[str]:
    """Five hundred and more names that are no file of events: addresses of every kind, devices, patterns, and what a shell would run."""
    schemes = ("http://", "https://", "s3://", "gs://", "azure://", "ftp://", "file://", "hf://", "data:", "jdbc:", "gopher://", "unix:")
    hosts = ("169.254.169.254", "metadata.google.internal", "evil.example", "127.0.0.1:1", "bucket")
    files = ("latest/meta-data", "events.ndjson", "x.parquet", "*.ndjson", "a;b", "computeMetadata/v1/token")
    devices = ("/dev/null", "/dev/zero", "/dev/random", "/etc", "/")
    starts = ("*", "?", "[a-z]", "~", "$HOME/", "`id`", "$(id)", "|id", "-")
    addresses = [f"{scheme}{host}/{file}" for scheme in schemes for host in hosts for file in files]
    missing = [f"{start}{number}{end}" for number in range(6) for start in starts for end in ("", ".gz", ".zst", "\x00")]
    return [*addresses, *devices, *missing]


@pytest.mark.security("S16")
def test_only_a_regular_file_is_a_file_of_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    names = [*hostile_names(), "pipe"]
    assert len(names) >= 500
    for name in names:
        with pytest.raises(ConfigurationError):
            LineFile(Path(name))


@pytest.mark.security("S16", "S14")
def test_no_address_of_the_page_leads_out_of_its_folders(client: PageClient) -> None:
    steps = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "....//", "..;/", "%252e%252e%252f")
    for root in ("/static/", "/api/v1/tables/", "/units/", "/tables/"):
        for step in steps:
            for target in ("etc/passwd", "mart.duckdb", "manifest.json", "CURRENT"):
                answer = client.get(root + step * 3 + target)
                assert 300 <= answer.status_code < 500, (root, step, target)
                assert "root:x:0" not in answer.text


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port that remembers who knocked."""
    knocked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ending = threading.Event()

        def wait() -> None:
            while not ending.is_set():
                try:
                    caller, address = server.accept()
                except TimeoutError:
                    continue
                knocked.append(str(address))
                caller.close()

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        yield server.getsockname()[1], knocked
        ending.set()
        thread.join(5)


@pytest.mark.security("S17", "S16")
def test_an_address_in_an_event_is_never_asked(listener: tuple[int, list[str]], tmp_path: Path) -> None:
    port, knocked = listener
    url = f"http://127.0.0.1:{port}/schema.json"
    events = [event | {"dataschema": url, "source": f"{url}?{number}"} for number in range(5) for event in course(number)]
    file = tmp_path / "events.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    done = kerneeffekt("replay", file, "--catalogue", CATALOGUE, "--store", tmp_path / "store", "--json")
    assert (done.returncode, json.loads(done.stdout)["accepted"]) == (0, len(events)), done.stderr
    asked = kerneeffekt("replay", url, "--catalogue", CATALOGUE, "--store", tmp_path / "store")
    assert asked.returncode == 2
    assert knocked == []
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    deadline = time.monotonic() + 5
    while not knocked and time.monotonic() < deadline:
        time.sleep(0.02)
    assert knocked, "the listener hears those who knock"


@pytest.mark.security("S19")
@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_a_packed_bomb_is_read_in_bounded_memory(tmp_path: Path, ending: str) -> None:
    """200 MB of one line, and one more line, packed into half a MB: read by a process that may have 100 MB more than it begins with."""
    bomb, zeros = tmp_path / f"bomb.ndjson.{ending}", b"0" * (1 << 20)
    if ending == "gz":
        with gzip.open(bomb, "wb", compresslevel=6) as out:
            for _ in range(200):
                out.write(zeros)
            out.write(b"\nthe next line\n")
    else:
        with bomb.open("wb") as raw, zstandard.ZstdCompressor().stream_writer(raw) as out:
            for _ in range(200):
                out.write(zeros)
            out.write(b"\nthe next line\n")
    assert bomb.stat().st_size < 500_000
    program = f"""
import resource, pathlib
from pipelines.lines import LineFile
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20),) * 2)
with LineFile(pathlib.Path({str(bomb)!r})) as file:
    lines = [len(line) for batch in file.batches() for line in batch.values]
print(lines)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert json.loads(done.stdout) == [LONGEST_LINE, len("the next line")], "what comes after it is read"


NO_SOCKETS = """
import socket

def refused(self, address, *_):
    if self.family != socket.AF_UNIX:
        raise OSError(f"nothing may be asked here, not {address}")

socket.socket.connect = socket.socket.connect_ex = refused
"""
"""sitecustomize.py for a machine that lets nobody make a network namespace."""


def without_network(folder: Path) -> tuple[list[str], dict[str, str]]:
    """What to put before a command, and its environment, so that it reaches nothing: a namespace without a route where that is allowed."""
    namespace = [shutil.which("unshare") or "unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") and not subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        return namespace, dict(os.environ)
    (folder / "sitecustomize.py").write_text(NO_SOCKETS, encoding="utf-8")
    return [], os.environ | {"PYTHONPATH": str(folder)}


@pytest.mark.security("S28")
def test_events_become_a_publication_where_there_is_no_network(tmp_path: Path) -> None:
    """Not even loopback: nothing is fetched, nothing is reported to anybody."""
    before, environment = without_network(tmp_path)
    events = tmp_path / "events.ndjson"
    events.write_text("".join(json.dumps(event) + "\n" for number in range(60) for event in course(number)), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("kerneeffekt"))]
    where = ["--catalogue", str(CATALOGUE), "--store", str(tmp_path / "store")]
    for words in (["replay", str(events), *where], ["publish", *where, "--to", str(tmp_path / "published"), "--as-of", "2025-06-01"]):
        done = subprocess.run(
            [*before, *command, *words], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "published" / "CURRENT").is_file()
