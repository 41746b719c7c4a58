"""experienced: is the citizen's rating, from 0 to 1 on its own scale, at or above the bar?"""

from tests.spec.tables import check

INDEPENDENT = """
kind: experienced
index: rehabilitation.course_started
question: independence
bar: 0.75
follow_up: {from: P1M, to: P3M, which: last}
competing: [person.died]
censored_by: [person.moved_away]
"""


def given(*lines: str) -> str:
    """Lines in which `starts` stands for a course that starts, and `rates N/LOW-HIGH` for an answer on a scale."""
    told = []
    for line in lines:
        head, rates, rest = line.partition("rates ")
        score, _, scale = rest.partition("/")
        low, _, high = scale.partition("-")
        rated = f"experience.rated code=independence score={score} scale_min={low} scale_max={high}" if rates else ""
        told.append(head.replace("starts", "rehabilitation.course_started episode=c") + rated)
    return "\n".join(told)


def test_ratings_are_held_against_the_bar_on_their_own_scale() -> None:
    check(
        INDEPENDENT,
        given(
            "a 2024-01-31 starts",
            "a 2024-02-29 rates 4/1-5",
            "b 2024-01-31 starts",
            "b 2024-03-01 rates 7.4/0-10",
            "c 2024-01-31 starts",
            "c 2024-03-01 rates 5/1-5",
            "c 2024-04-30 rates 2/1-5",
            "d 2024-01-31 starts",
            "d 2024-02-28 rates 5/1-5",
            "d 2024-05-01 rates 5/1-5",
            "e 2024-01-31 starts",
            "e 2024-03-01 rates 3/3-3",
        ),
        """
        a 2024-01-31 achieved     2024-04-30 value=0.75 baseline=none evidence=2  # (4 - 1) / (5 - 1), on the window's first day
        b 2024-01-31 not_achieved 2024-04-30 value=0.74
        c 2024-01-31 not_achieved 2024-04-30 value=0.25  # the last one counts
        d 2024-01-31 unmeasured   2024-04-30 value=none evidence=1  # a day before the window, and a day after it
        e 2024-01-31 unmeasured   2024-04-30  # a scale without width measures nothing
        """,
    )


def test_an_answer_given_before_it_was_too_late_stands() -> None:
    check(
        INDEPENDENT,
        given(
            "a 2024-01-31 starts",
            "a 2024-03-15 rates 4/1-5",
            "a 2024-03-16 person.died",
            "b 2024-01-31 starts",
            "b 2024-03-14 person.moved_away",
            "b 2024-03-15 rates 4/1-5",
            "c 2024-01-31 starts",
            "c 2024-04-30 person.died",
        ),
        """
        a 2024-01-31 achieved  2024-04-30
        b 2024-01-31 censored  2024-03-14 value=none
        c 2024-01-31 competing 2024-04-30
        """,
    )
