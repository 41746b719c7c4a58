"""Logs: one sentence a line for people, or one JSON object a line for machines. Neither may hold anything that an event says.

Code logs settings, counts, names of topics and classes of faults, never values. What would slip through all the same (a library that quotes
what it was given) is caught here: the text of an exception is left out, only its kind and place are said, and whatever is written like
a subject or a civil registration number is masked.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any, Literal

from models import personal_number
from models.records import PERSON_SUBJECT

LogFormat = Literal["text", "json"]
PACKAGES = ("config", "dashboard", "pipelines", "streams")
_SUBJECT = re.compile(rf"(?<![A-Za-z0-9]){PERSON_SUBJECT}", re.IGNORECASE)
_format: LogFormat = "text"


def configure_logs(log_format: LogFormat = "text") -> None:
    """Everything that this process logs goes to standard error in one form.

    text  warnings and worse, as `kerneeffekt: sentence`: what a person at a terminal wants to know
    json  also what happens in the ordinary way (started, stored, stopped), for whoever collects logs
    """
    global _format
    _format = log_format
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else Sentences())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in PACKAGES:
        logging.getLogger(package).setLevel(logging.INFO if log_format == "json" else logging.WARNING)
    logging.captureWarnings(log_format == "json")
    threading.excepthook = _thread_failed


def logs_are_json() -> bool:
    """Whether this process writes its logs for machines."""
    return _format == "json"


def about(**facts: Any) -> dict[str, Mapping[str, Any]]:
    """Facts for the `extra` of a log call: numbers, settings, names of topics; in JSON they are keys of their own."""
    return {"about": facts}


def clean(text: str) -> str:
    """A text with everything masked that is written like a subject or a civil registration number."""
    numberless = personal_number.masked(text) if personal_number.in_text(text) else text
    return _SUBJECT.sub(personal_number.MASK, numberless)


class Sentences(logging.Formatter):
    """`kerneeffekt: sentence`, and for an exception its kind and place."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        failed = f" ({', '.join(_error(record).values())})" if record.exc_info else ""
        return f"kerneeffekt: {clean(record.getMessage())}{failed}"


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, error (kind), at (file and line), and the facts of `about`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
            **(_error(record) if record.exc_info else {}),
        }
        facts: Mapping[str, Any] = getattr(record, "about", {})
        said |= {name: value if isinstance(value, int | float) else clean(str(value)) for name, value in facts.items() if name not in said}
        return json.dumps(said, ensure_ascii=False)


def _error(record: logging.LogRecord) -> dict[str, str]:
    """Kind and place of an exception: its own text may quote what it was given."""
    if not record.exc_info or record.exc_info[1] is None:
        return {}
    frames = extract_tb(record.exc_info[2])
    place = {"at": f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"} if frames else {}
    return {"error": type(record.exc_info[1]).__name__, **place}


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    error = failed.exc_value
    given = (failed.exc_type, error, failed.exc_traceback) if error is not None else None
    name = failed.thread.name if failed.thread else "unknown"
    logging.getLogger(__name__).critical("the thread %s ended by an error that nobody foresaw", name, exc_info=given)
