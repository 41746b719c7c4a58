"""Every SELECT of docs/questions.md runs on a publication as it stands, and the kroner of the last question add up to the ledger."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.factories_published import publish_example

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
QUESTIONS = dict(re.findall(r"^## (.+?)\n.*?```sql\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("published")
    publish_example(folder)
    file = next(folder.glob("*/mart.duckdb"))
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{file}' AS mart (READ_ONLY); USE mart")
        connection.execute("CREATE SCHEMA memory.march; CREATE TABLE memory.march.funnel AS FROM mart.funnel")
        yield connection


def test_the_page_answers_the_questions_of_a_controller() -> None:
    assert len(QUESTIONS) >= 6


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_is_one_select_that_runs(published: duckdb.DuckDBPyConnection, question: str) -> None:
    text = QUESTIONS[question].replace("march.funnel", "memory.march.funnel")
    assert text.count(";") == 1 + text.count("AS march")
    published.execute(text).fetchall()


def test_the_parts_of_the_kroner_add_up_to_the_ledger(published: duckdb.DuckDBPyConnection) -> None:
    parts = published.execute(QUESTIONS["How many kroner have no known effect?"]).fetchall()
    ledger = published.execute("SELECT sum(nominal_ore) / 100 FROM cost_by_unit WHERE kind = 'actual'").fetchone()
    assert len(parts) > 1
    assert ledger is not None
    assert sum(kroner for _, kroner in parts) == pytest.approx(ledger[0])
