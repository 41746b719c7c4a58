"""What the first reader of a process, or of a new publication, would wait for is done before anybody asks."""

import logging
import threading

import duckdb

from dashboard.app import environment, render_page, view_of
from dashboard.errors import NoPublicationError
from dashboard.pages import PAGES
from dashboard.snapshots import Publications, Snapshot
from dashboard.svg import warm_up
from dashboard.texts import LANGUAGES
from models.errors import KerneeffektError

LOG = logging.getLogger(__name__)
LOOKS_EVERY_S = 1.0


def warm_process() -> None:
    """Start the drawing engine (about a second) and compile every template."""
    warm_up()
    templates = environment()
    for name in templates.list_templates():
        templates.get_template(name)


def warm_publication(snapshot: Snapshot) -> None:
    """Make the front page once in each language: its questions are then answered for whoever comes first."""
    front = PAGES[0]
    for language in LANGUAGES:
        view = view_of(snapshot, language, front.path, {})
        render_page(front.template, view, front.fill(view))


def stay_warm(publications: Publications, stopped: threading.Event) -> None:
    """Open each new publication soon after it comes, and make its front page, until stopped. Blocks: call it from a thread of its own."""
    warm_process()
    last: Snapshot | None = None
    while True:
        last = _look(publications, last)
        if stopped.wait(LOOKS_EVERY_S):
            return


def _look(publications: Publications, last: Snapshot | None) -> Snapshot | None:
    snapshot = last
    try:
        snapshot = publications.newest()
        if snapshot is not last:
            warm_publication(snapshot)
    except NoPublicationError:
        return last
    except (KerneeffektError, duckdb.Error, LookupError, TypeError, ValueError) as fault:  # readers are told by the page itself
        LOG.error("the front page of a new publication cannot be made: %s", type(fault).__name__)
    return snapshot
