"""reduction: is the granted amount per week at follow-up at most (1 - by) of the amount on the index day?"""

from tests.spec.tables import check

HALVED = """
kind: reduction
index: rehabilitation.course_started
by: 0.5
service: care
follow_up: {from: P5M, to: P7M, at: P6M}
competing: [person.died]
"""


def given(*lines: str) -> str:
    """Lines in which `starts` stands for a course that starts, and `granted N` for minutes per week."""
    return "\n".join(
        line.replace("starts", "rehabilitation.course_started episode=c").replace(
            " granted ", " rehabilitation.care_granted code=care minutes_per_week="
        )
        for line in lines
    )


def test_an_amount_holds_until_the_next() -> None:
    check(
        HALVED,
        given(
            "a 2024-01-31 starts",
            "a 2024-01-15 granted 120",
            "a 2024-05-01 granted 60",
            "a 2024-08-01 granted 120",
            "b 2024-01-31 starts",
            "b 2024-01-31 granted 120",
            "b 2024-07-31 granted 61",
            "c 2024-01-31 starts",
            "c 2024-01-31 granted 120",
            "c 2024-03-01 granted 0",
            "c 2024-07-31 granted 120",
            "c 2024-08-01 granted 0",
            "d 2024-01-31 starts",
            "d 2024-01-31 granted 100 at=7",
            "d 2024-01-31 granted 130 at=9",
            "d 2024-03-01 granted 65",
        ),
        """
        a 2024-01-31 achieved     2024-07-31 value=-60 baseline=120 resolves=2024-08-31 evidence=3  # half is enough; decided that day
        b 2024-01-31 not_achieved 2024-07-31 value=-59  # granted on the day counts
        c 2024-01-31 not_achieved 2024-07-31 value=0  # free in between, but not on the day
        d 2024-01-31 achieved     2024-07-31 value=-65 baseline=130  # of two on the index day the later holds
        """,
    )


def test_nothing_granted_by_the_index_day_is_nothing_to_compare_with() -> None:
    check(
        HALVED,
        given(
            "a 2024-01-31 starts",
            "a 2024-02-01 granted 120",
            "a 2024-05-01 granted 0",
            "b 2024-01-31 starts",
            "b 2024-01-31 granted 0",
            "c 2024-01-31 starts",
            "c 2024-01-31 rehabilitation.care_granted code=cleaning minutes_per_week=90",
        ),
        """
        a 2024-01-31 unmeasured   2024-01-31 value=none baseline=none evidence=1
        b 2024-01-31 not_achieved 2024-07-31 value=0 baseline=0  # of nothing, nothing can be taken off: it counts
        c 2024-01-31 unmeasured   2024-01-31  # another service
        """,
    )


def test_services_are_summed_where_none_is_named() -> None:
    check(
        HALVED.replace("service: care", "censored_by: [person.moved_away]"),
        """
        a 2024-01-31 rehabilitation.course_started episode=c
        a 2024-01-01 rehabilitation.care_granted code=care minutes_per_week=0.1
        a 2024-01-02 rehabilitation.care_granted code=cleaning minutes_per_week=0.2
        a 2024-03-02 rehabilitation.care_granted code=cleaning minutes_per_week=0
        b 2024-01-31 rehabilitation.course_started episode=c
        b 2024-01-01 rehabilitation.care_granted minutes_per_week=60
        b 2024-03-02 rehabilitation.care_granted minutes_per_week=30
        b 2024-07-31 person.died
        c 2024-01-31 rehabilitation.course_started episode=c
        c 2024-01-01 rehabilitation.care_granted minutes_per_week=60
        c 2024-02-02 rehabilitation.care_granted minutes_per_week=0
        c 2024-06-01 person.moved_away
        c 2024-06-02 person.died
        d 2024-01-31 rehabilitation.course_started episode=c
        d 2024-01-01 rehabilitation.care_granted minutes_per_week=60
        d 2024-02-02 rehabilitation.care_granted minutes_per_week=30
        d 2024-08-01 person.died
        """,
        """
        a 2024-01-31 achieved  2024-07-31 value=-0.2 baseline=0.3 evidence=4
        b 2024-01-31 competing 2024-07-31 value=none baseline=60 evidence=3  # the day of the follow-up itself, as for a state
        c 2024-01-31 censored  2024-06-01 value=none
        d 2024-01-31 achieved  2024-07-31  # after the day of the follow-up
        """,
    )


def test_the_first_and_the_last_day_of_the_window() -> None:
    told = given("a 2024-01-31 starts", "a 2024-01-31 granted 120", "a 2024-07-01 granted 60")
    first, last = (HALVED.replace("at: P6M", f"which: {which}") for which in ("first", "last"))
    check(first, told, "a 2024-01-31 not_achieved 2024-06-30 resolves=2024-08-31")
    check(last, told, "a 2024-01-31 achieved 2024-08-31")
