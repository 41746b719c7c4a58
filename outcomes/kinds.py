"""The kinds of indicator that are translated, each with the SQL file that answers it; `reported` has no subjects to translate."""

from models.catalogue import TRANSLATED_KINDS

KINDS: dict[str, str] = {
    "state_at": "state_at",
    "sustained": "sustained",
    "reached": "reached",
    "change": "change",
    "reduction": "reduction",
    "experienced": "experienced",
}
"""Kind -> name of its file in `outcomes/sql`. A new indicator needs new SQL only when it is of a new kind."""

MEASURED_KINDS = ("change", "reduction", "experienced")
"""Kinds whose answer is a number that somebody measured or granted, held against another number."""

if set(KINDS) != set(TRANSLATED_KINDS):  # the catalogue tells people which kinds are translated: it must not promise another list
    raise RuntimeError("models.catalogue.TRANSLATED_KINDS and outcomes.kinds.KINDS must name the same kinds")
