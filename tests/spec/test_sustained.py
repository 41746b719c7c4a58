"""sustained: does the state begin within a stretch after the index, and then hold, short holes forgiven?"""

from tests.spec.tables import check

JOB_HELD = """
kind: sustained
index: case.opened
state: {name: employment}
begins_within: P10D
held: P20D
gap: P3D
competing: [person.died]
censored_by: [person.moved_away]
"""
INDEX = "        {0} 2024-03-01 case.opened episode=1\n"


def opened(subjects: str) -> str:
    return "".join(INDEX.format(subject) for subject in subjects)


def test_held_exactly_as_long_as_asked() -> None:
    check(
        JOB_HELD,
        opened("abcde")
        + """
        a 2024-03-05 employment.placement_started episode=p
        a 2024-03-25 employment.placement_ended episode=p
        b 2024-03-05 employment.placement_started episode=p
        b 2024-03-24 employment.placement_ended episode=p
        c 2024-03-11 employment.placement_started episode=p
        d 2024-03-12 employment.placement_started episode=p
        """,
        """
        a 2024-03-01 achieved     2024-03-25 resolves=2024-03-31 value=24 evidence=3  # end - start is 20 days
        b 2024-03-01 not_achieved 2024-03-27 evidence=3  # 19 days; a return by the 27th would have been forgiven
        c 2024-03-01 achieved     2024-03-31  # begins on the last day; open counts as held until an end is seen
        d 2024-03-01 not_achieved 2024-03-11 evidence=1  # begins a day late
        e 2024-03-01 not_achieved 2024-03-11  # never begins
        """,
    )


def test_a_state_that_holds_already_begins_on_the_index_day() -> None:
    check(
        JOB_HELD,
        opened("abc")
        + """
        a 2020-01-01 employment.placement_started episode=p
        a 2024-03-21 employment.placement_ended episode=p
        b 2020-01-01 employment.placement_started episode=p
        b 2024-03-20 employment.placement_ended episode=p
        c 2020-01-01 employment.placement_started episode=p
        c 2024-03-01 employment.placement_ended episode=p
        """,
        """
        a 2024-03-01 achieved     2024-03-21
        b 2024-03-01 not_achieved 2024-03-23
        c 2024-03-01 not_achieved 2024-03-11  # the index day is the first without
        """,
    )


def test_holes_of_at_most_the_gap_are_forgiven() -> None:
    check(
        JOB_HELD,
        opened("abcd")
        + """
        a 2024-03-05 employment.placement_started episode=p
        a 2024-03-10 employment.placement_ended episode=p
        a 2024-03-13 employment.placement_started episode=q
        a 2024-03-25 employment.placement_ended episode=q
        b 2024-03-05 employment.placement_started episode=p
        b 2024-03-07 employment.placement_ended episode=p
        b 2024-03-11 employment.placement_started episode=q
        c 2024-03-05 employment.placement_started episode=p
        c 2024-03-10 employment.placement_ended episode=p
        c 2024-03-14 employment.placement_started episode=q
        d 2024-02-20 employment.placement_started episode=p
        d 2024-02-29 employment.placement_ended episode=p
        d 2024-03-03 employment.placement_started episode=q
        d 2024-03-22 employment.placement_ended episode=q
        """,
        """
        a 2024-03-01 achieved     2024-03-25 evidence=5  # a hole of exactly three days: one run from the 5th
        b 2024-03-01 achieved     2024-03-31  # a hole of four days: a new run, which begins in time
        c 2024-03-01 not_achieved 2024-03-13  # the new run begins too late; the first one's end + 3 days
        d 2024-03-01 not_achieved 2024-03-25  # the index day is in a hole: counted from the 3rd, 19 days
        """,
    )


def test_whatever_comes_first_decides() -> None:
    check(
        JOB_HELD,
        opened("abcde")
        + """
        a 2024-03-05 employment.placement_started episode=p
        a 2024-03-25 person.died
        b 2024-03-05 employment.placement_started episode=p
        b 2024-03-24 person.died
        c 2024-03-05 employment.placement_started episode=p
        c 2024-03-08 employment.placement_ended episode=p
        c 2024-03-11 person.moved_away
        d 2024-03-05 employment.placement_started episode=p
        d 2024-03-08 employment.placement_ended episode=p
        d 2024-03-12 person.moved_away
        e 2024-03-02 person.moved_away
        e 2024-03-02 person.died
        """,
        """
        a 2024-03-01 achieved     2024-03-25  # died on the achieving day
        b 2024-03-01 competing    2024-03-24
        c 2024-03-01 censored     2024-03-11  # the day on which it would have been decided
        d 2024-03-01 not_achieved 2024-03-11  # decided the day before
        e 2024-03-01 competing    2024-03-02
        """,
    )


def test_calendar_months() -> None:
    check(
        "{kind: sustained, index: employment.placement_started, state: {name: employment}, begins_within: P0D, held: P1M, gap: P1M}",
        """
        a 2024-01-31 employment.placement_started episode=p
        a 2024-02-29 employment.placement_ended episode=p
        b 2024-01-31 employment.placement_started episode=p
        b 2024-02-28 employment.placement_ended episode=p
        """,
        """
        a 2024-01-31 achieved     2024-02-29 resolves=2024-02-29  # 31 January + P1M is the month's last day
        b 2024-01-31 not_achieved 2024-03-28  # its end + P1M
        """,
    )


def test_completed_ends_the_state() -> None:
    check(
        "{kind: sustained, index: education.enrolled, state: {name: education}, begins_within: P0D, held: P10D}",
        """
        a 2024-01-01 education.enrolled episode=e level=vocational
        a 2024-01-06 education.completed episode=e
        b 2024-01-01 education.enrolled episode=e level=vocational
        b 2024-01-11 education.interrupted episode=e
        """,
        """
        a 2024-01-01 not_achieved 2024-01-06
        b 2024-01-01 achieved     2024-01-11
        """,
    )


def test_a_run_that_goes_on_on_the_last_day_to_begin() -> None:
    check(
        JOB_HELD.replace("P10D", "P2D").replace("P3D", "P4D"),
        opened("ab")
        + """
        a 2024-02-01 employment.placement_started episode=p
        a 2024-02-28 employment.placement_ended episode=p
        a 2024-03-03 employment.placement_started episode=q
        b 2024-02-01 employment.placement_started episode=p
        b 2024-02-29 employment.placement_ended episode=p
        b 2024-03-04 employment.placement_started episode=q
        """,
        """
        a 2024-03-01 achieved     2024-03-23 evidence=4  # a forgiven hole over the index day: b is the day it goes on
        b 2024-03-01 not_achieved 2024-03-03 evidence=1  # it goes on a day too late
        """,
    )
