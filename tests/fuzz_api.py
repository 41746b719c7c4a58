"""The API against its own description, by schemathesis: no 5xx, answers as described, and no suppressed value.

python -m tests.fuzz_api PUBLISHED --examples 100
"""

import argparse
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import hypothesis
import jsonschema
import schemathesis
import uvicorn

from dashboard.app import create_app

REPEATABLE: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": list(hypothesis.HealthCheck),
}


def main() -> int:
    """Run every described operation with generated parameters; 1 when one of them fails."""
    given = argparse.ArgumentParser()
    given.add_argument("published", type=Path)
    given.add_argument("--examples", type=int, default=100)
    options = given.parse_args()
    schema = schemathesis.openapi.from_url(f"{_served(options.published)}/api/openapi.json")
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @hypothesis.settings(
            max_examples=options.examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def run(case: Any) -> None:
            nonlocal asked
            asked += 1
            answer = case.call()
            assert answer.status_code < 500, (case.path, answer.status_code)
            case.validate_response(answer, checks=[schemathesis.checks.not_a_server_error])
            _as_described(schema.raw_schema, answer)
            _nothing_suppressed(answer)

        run()
        print(f"{operation.method.upper()} {operation.path}")
    print(f"{asked} requests")
    return 0


def _served(published: Path) -> str:
    """The address of the application on a free port of this machine, until this process ends."""
    app = create_app(published, requests_per_minute=10_000_000)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def _as_described(document: dict[str, Any], answer: Any) -> None:
    """The rows of an answer are what the document says of its table."""
    if "json" not in answer.headers.get("content-type", [""])[0]:
        return
    body = answer.json()
    if isinstance(body, dict) and "table" in body:
        page = {**document["components"]["schemas"][f"Page_{body['table']}"], "components": document["components"]}
        jsonschema.Draft202012Validator(page).validate(body)


def _nothing_suppressed(answer: Any) -> None:
    """A suppressed row of an answer holds no count of persons."""
    if "json" not in answer.headers.get("content-type", [""])[0]:
        return
    body = answer.json()
    for row in body.get("rows", []) if isinstance(body, dict) else []:
        if row.get("state") == "suppressed" and "achieved" in row:
            assert (row["achieved"], row.get("cohort_size")) == (None, None)


if __name__ == "__main__":
    sys.exit(main())
