"""Case mix in words: which level of a covariate a value belongs to, and how levels are named in references and figures."""

import itertools
import json
import math
import re
from collections.abc import Sequence

from models.catalogue import CaseMix, Scalar

MISSING, OTHER, REST = "(missing)", "(other)", "(rest)"
"""Nothing was known of the subject; a value that no level names; the strata of a reference that were too small to stand alone."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def level_of(covariate: CaseMix, value: str | None) -> str:
    """The level of one covariate that a told value (text as in the event) belongs to.

    A band holds its lower bound and not its upper one. A number compares as a number, true and false as these words, a text as it is.
    Without bands and levels each value is a level of its own.
    """
    if value is None:
        return MISSING
    if covariate.linear:
        return number_text(value) or MISSING
    if covariate.bands:
        return _band(covariate.bands, value)
    if covariate.levels:
        return next((level_name(level) for level in covariate.levels if _is(level, value)), OTHER)
    return value


def level_names(covariate: CaseMix) -> list[str]:
    """The declared levels in order; the first that a reference has is the one that the others are compared with in a regression."""
    if covariate.bands:
        bounds = [_plain(bound) for bound in covariate.bands]
        return [f"<{bounds[0]}", *(f"{low}-<{high}" for low, high in itertools.pairwise(bounds)), f">={bounds[-1]}"]
    return [level_name(level) for level in covariate.levels]


def level_name(level: Scalar) -> str:
    """How a declared level is written."""
    if isinstance(level, bool):
        return "true" if level else "false"
    return level if isinstance(level, str) else _plain(level)


def number_of(value: str) -> float | None:
    """A told value as a number; None where the whole text is not one."""
    if not _NUMBER.fullmatch(value):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def number_text(value: str) -> str | None:
    """A told number in one way of writing it: 1, 1.0 and 1e0 are the same."""
    number = number_of(value)
    return None if number is None else _plain(number)


def case_mix_text(case_mix: Sequence[CaseMix]) -> str:
    """Covariates as a reference keeps them: JSON, without what is only explanation."""
    return json.dumps([one.model_dump(mode="json", exclude_defaults=True, exclude={"despite"}) for one in case_mix], ensure_ascii=False)


def _band(bounds: tuple[float, ...], value: str) -> str:
    number = number_of(value)
    if number is None:
        return OTHER
    names = [_plain(bound) for bound in bounds]
    above = [place for place, bound in enumerate(bounds) if number >= bound]
    if not above:
        return f"<{names[0]}"
    place = above[-1]
    return f"{names[place]}-<{names[place + 1]}" if place + 1 < len(bounds) else f">={names[-1]}"


def _is(level: Scalar, value: str) -> bool:
    if isinstance(level, bool | str):
        return level_name(level) == value
    return number_of(value) == float(level)


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(float(number))
