"""change: did a score move by at least the minimal important change, in the good direction?"""

from tests.spec.tables import check

WALKING = """
kind: change
index: rehabilitation.course_started
measure: "fsiii:walking"
baseline: {from: -P14D, to: P7D}
follow_up: {from: P30D, to: P90D, at: P60D}
better: lower
minimal_important_change: 1
ordinal: true
not_relevant: [9]
competing: [person.died]
censored_by: [person.moved_away]
"""


def given(*lines: str) -> str:
    """Lines in which `starts` stands for a course that starts, and `walks N` for a level of walking."""
    return "\n".join(
        line.replace("starts", "rehabilitation.course_started episode=c").replace(
            "walks ", "rehabilitation.function_assessed code=fsiii:walking score="
        )
        for line in lines
    )


def test_the_measurement_closest_to_the_day_counts() -> None:
    # The follow-up is asked for on day 60: 30 April.
    check(
        WALKING,
        given(
            "a 2024-03-01 starts",
            "a 2024-03-01 walks 3",
            "a 2024-04-25 walks 2",
            "a 2024-05-10 walks 4",
            "b 2024-03-01 starts",
            "b 2024-02-28 walks 3",
            "b 2024-03-03 walks 4",
            "b 2024-04-27 walks 3",
            "b 2024-05-03 walks 4",
            "c 2024-03-01 starts",
            "c 2024-02-16 walks 3",
            "c 2024-05-30 walks 2",
            "d 2024-03-01 starts",
            "d 2024-03-01 walks 3",
            "d 2024-04-30 walks 2 at=7",
            "d 2024-04-30 walks 1 at=9",
        ),
        """
        a 2024-03-01 achieved     2024-05-04 value=-1 baseline=3 resolves=2024-05-30 evidence=3  # 5 days away: closer until 4 May
        b 2024-03-01 not_achieved 2024-05-02 value=0 baseline=3  # two days from the index either way: the earlier; 3 days away: again
        c 2024-03-01 achieved     2024-05-30 value=-1  # both ends of a window are within it
        d 2024-03-01 achieved     2024-04-30 value=-1  # on one day the earlier
        """,
    )


def test_first_and_last_of_the_window() -> None:
    told = given(
        "a 2024-03-01 starts",
        "a 2024-03-01 walks 3",
        "a 2024-04-05 walks 3",
        "a 2024-05-05 walks 1",
        "a 2024-06-05 walks 4",
    )
    first, last = (WALKING.replace("at: P60D", f"which: {which}") for which in ("first", "last"))
    check(first, told, "a 2024-03-01 not_achieved 2024-04-05 value=0")
    check(last, told, "a 2024-03-01 achieved 2024-05-30 value=-2  # known when the window closes")


def test_without_a_measurement_on_both_sides_nothing_is_measured() -> None:
    check(
        WALKING,
        given(
            "a 2024-03-01 starts",
            "a 2024-04-30 walks 2",
            "b 2024-03-01 starts",
            "b 2024-03-01 walks 3",
            "c 2024-03-01 starts",
            "c 2024-02-15 walks 3",
            "c 2024-03-09 walks 3",
            "c 2024-04-30 walks 2",
            "c 2024-03-20 person.died",
        ),
        """
        a 2024-03-01 unmeasured 2024-03-08 value=none baseline=none evidence=1  # no baseline, known when its window closes
        b 2024-03-01 unmeasured 2024-05-30 value=none baseline=3 evidence=2  # no follow-up
        c 2024-03-01 unmeasured 2024-03-08 baseline=none  # a day outside on either side; without a baseline nothing can compete
        """,
    )


def test_not_relevant_is_unmeasured_and_no_other_measurement_takes_its_place() -> None:
    check(
        WALKING,
        given(
            "a 2024-03-01 starts",
            "a 2024-03-01 walks 3",
            "a 2024-04-30 walks 9",
            "a 2024-05-05 walks 2",
            "b 2024-03-01 starts",
            "b 2024-03-01 walks 9",
            "b 2024-04-30 walks 1",
        ),
        """
        a 2024-03-01 unmeasured 2024-04-30 value=none baseline=3 evidence=3
        b 2024-03-01 unmeasured 2024-03-08 value=none baseline=none evidence=2  # a 9 is no level to begin with
        """,
    )


def test_whoever_was_measured_first_has_the_answer() -> None:
    check(
        WALKING,
        given(
            "a 2024-03-01 starts",
            "a 2024-03-01 walks 3",
            "a 2024-04-29 person.died",
            "a 2024-04-30 walks 2",
            "b 2024-03-01 starts",
            "b 2024-03-01 walks 3",
            "b 2024-04-30 walks 2",
            "b 2024-04-30 person.died",
            "c 2024-03-01 starts",
            "c 2024-03-01 walks 3",
            "c 2024-05-30 person.moved_away",
            "d 2024-03-01 starts",
            "d 2024-03-01 walks 3",
            "d 2024-04-15 walks 2",
            "d 2024-04-20 person.moved_away",
        ),
        """
        a 2024-03-01 competing 2024-04-29 value=none baseline=3 evidence=3  # index, baseline, death
        b 2024-03-01 achieved  2024-04-30  # measured on that day
        c 2024-03-01 censored  2024-05-30  # lost on the last day on which a measurement could have come
        d 2024-03-01 achieved  2024-05-14  # measured before: moving away takes nothing back
        """,
    )


def test_a_score_that_is_the_index_event_is_the_baseline() -> None:
    check(
        """
        kind: change
        index: {event: community.loneliness_measured, where: {score: {min: 7}}, every: first}
        measure: t_ils
        follow_up: {from: P0D, to: P2M, which: last}
        better: lower
        """,
        """
        a 2024-01-31 community.loneliness_measured instrument=t_ils score=5 at=7
        a 2024-01-31 community.loneliness_measured instrument=t_ils score=8 at=9
        a 2024-01-31 community.loneliness_measured instrument=t_ils score=7 at=11
        a 2024-03-31 community.loneliness_measured instrument=t_ils score=6
        b 2024-01-31 community.loneliness_measured instrument=t_ils score=8
        b 2024-04-01 community.loneliness_measured instrument=t_ils score=6
        c 2024-01-31 community.loneliness_measured instrument=t_ils score=8
        c 2024-02-10 community.loneliness_measured instrument=other score=6
        """,
        """
        a 2024-01-31 achieved   2024-03-31 value=-2 baseline=8  # the index event, though another came earlier that day
        b 2024-01-31 unmeasured 2024-03-31  # a day too late; the baseline is not its own follow-up
        c 2024-01-31 unmeasured 2024-03-31  # another instrument
        """,
    )


def test_a_change_just_as_large_as_asked_counts_whatever_binary_fractions_say() -> None:
    check(
        """
        kind: change
        index: education.wellbeing_measured
        measure: wellbeing
        follow_up: {from: P1M, to: P2M, which: first}
        better: higher
        minimal_important_change: 0.3
        """,
        """
        a 2024-01-31 education.wellbeing_measured instrument=wellbeing score=3.8
        a 2024-02-29 education.wellbeing_measured instrument=wellbeing score=4.1
        """,
        """
        a 2024-01-31 achieved   2024-02-29  # 4.1 - 3.8 is a little less than 0.3 in binary; 31 January + P1M is 29 February
        a 2024-02-29 unmeasured 2024-04-29
        """,
    )


def test_income_of_one_year_against_income_of_another() -> None:
    check(
        """
        kind: change
        index: employment.programme_started
        measure: income
        baseline: {measure: "income:2023", from: -P24M, to: P0D, which: last}
        follow_up: {measure: "income:2025", from: P0D, to: P36M, which: first}
        better: higher
        minimal_important_change: 100000
        """,
        """
        a 2024-06-01 employment.programme_started episode=p
        a 2023-12-31 employment.income_registered amount_ore=20000000 code=income:2023
        a 2024-12-31 employment.income_registered amount_ore=90000000 code=income:2024
        a 2025-12-31 employment.income_registered amount_ore=20100000 code=income:2025
        """,
        "a 2024-06-01 achieved 2025-12-31 value=100000 baseline=2e+07  # in oere; the year between is another measure",
    )


def test_companies_and_households_have_scores_too() -> None:
    check(
        """
        kind: change
        index: growth.company_started
        measure: turnover_expected
        baseline: {from: P0D, to: P30D, which: first}
        follow_up: {from: P11M, to: P13M, at: P12M}
        better: higher
        minimal_important_change: 1
        competing: [growth.company_taken_over]
        """,
        """
        c:1 2024-01-10 growth.company_started episode=c
        c:1 2024-01-20 experience.rated code=turnover_expected score=2 scale_min=1 scale_max=5
        c:1 2025-01-05 experience.rated code=turnover_expected score=4 scale_min=1 scale_max=5
        h:2 2024-01-10 growth.company_started episode=c
        h:2 2024-01-20 experience.rated code=turnover_expected score=2 scale_min=1 scale_max=5
        h:2 2024-06-05 growth.company_taken_over
        """,
        """
        c:1 2024-01-10 achieved  2025-01-14 value=2
        h:2 2024-01-10 competing 2024-06-05
        """,
    )
