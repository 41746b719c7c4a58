"""The kinds of indicator that are translated, each with the SQL file that answers it; the rest are declared only."""

from models.catalogue import COMPUTED_KINDS

KINDS: dict[str, str] = {"state_at": "state_at", "sustained": "sustained", "reached": "reached"}
"""Kind -> name of its file in `outcomes/sql`. A new indicator needs new SQL only when it is of a new kind."""

if set(KINDS) != set(COMPUTED_KINDS):  # the catalogue tells people which kinds are computed: it must not promise another list
    raise RuntimeError("models.catalogue.COMPUTED_KINDS and outcomes.kinds.KINDS must name the same kinds")
