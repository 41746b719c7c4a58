"""state_at: does the state hold on the day index + horizon?"""

from tests.spec.tables import check

IN_WORK = """
kind: state_at
index: employment.benefit_ended
state: {name: employment, codes: [ordinary]}
horizon: P1M
competing: [person.died]
censored_by: [person.moved_away]
"""
SPELL = """
        {0} 2024-01-01 employment.benefit_started episode=s
        {0} 2024-01-31 employment.benefit_ended episode=s
"""


def spells(subjects: str) -> str:
    return "".join(SPELL.format(subject) for subject in subjects)


def test_the_day_itself_decides() -> None:
    check(
        IN_WORK,
        spells("abcdef")
        + """
        a 2024-02-29 employment.placement_started episode=p form=ordinary
        b 2024-03-01 employment.placement_started episode=p form=ordinary
        c 2024-02-01 employment.placement_started episode=p form=ordinary
        c 2024-02-29 employment.placement_ended episode=p
        d 2024-02-01 employment.placement_started episode=p form=ordinary
        d 2024-03-01 employment.placement_ended episode=p
        e 2024-02-01 employment.placement_started episode=p form=flexjob
        f 2020-01-01 employment.placement_started episode=p form=ordinary
        """,
        """
        a 2024-01-31 achieved     2024-02-29 resolves=2024-02-29 value=29 evidence=3  # 31 January + P1M; begins on the day
        b 2024-01-31 not_achieved 2024-02-29 evidence=2  # begins the day after
        c 2024-01-31 not_achieved 2024-02-29 evidence=4  # its end is the first day without it
        d 2024-01-31 achieved     2024-02-29 evidence=3  # the end comes after the day and proves nothing
        e 2024-01-31 not_achieved 2024-02-29  # not an ordinary job
        f 2024-01-31 achieved     2024-02-29  # held all along
        """,
    )


def test_competing_and_censoring_come_first_whatever_the_state_says() -> None:
    check(
        IN_WORK,
        spells("abcd")
        + """
        a 2024-02-01 employment.placement_started episode=p form=ordinary
        a 2024-02-29 person.died
        b 2024-02-01 employment.placement_started episode=p form=ordinary
        b 2024-02-20 person.moved_away
        c 2024-02-01 employment.placement_started episode=p form=ordinary
        c 2024-03-01 person.died
        d 2024-02-20 person.moved_away
        d 2024-02-20 person.died
        """,
        """
        a 2024-01-31 competing 2024-02-29  # died on the day itself
        b 2024-01-31 censored  2024-02-20
        c 2024-01-31 achieved  2024-02-29  # died the day after
        d 2024-01-31 competing 2024-02-20  # on one day competing comes first
        """,
    )


def test_overlapping_episodes_are_one_state_as_long_as_any_holds() -> None:
    check(
        IN_WORK,
        spells("ab")
        + """
        a 2024-01-15 employment.placement_started episode=p form=ordinary
        a 2024-03-15 employment.placement_ended episode=p
        a 2024-02-10 employment.placement_started episode=q form=ordinary
        a 2024-02-20 employment.placement_ended episode=q
        b 2024-01-15 employment.placement_started episode=p form=flexjob
        b 2024-02-10 employment.placement_started episode=q form=ordinary
        b 2024-02-20 employment.placement_ended episode=q
        """,
        """
        a 2024-01-31 achieved     2024-02-29  # the short job's end ends nothing
        b 2024-01-31 not_achieved 2024-02-29  # what holds is not what is asked for
        """,
    )


def test_episodes_that_held_on_no_day_and_ends_without_a_start() -> None:
    check(
        IN_WORK,
        spells("abc")
        + """
        a 2024-02-10 employment.placement_started episode=p form=ordinary
        a 2024-02-10 employment.placement_ended episode=p
        b 2024-02-10 employment.placement_started episode=p form=ordinary
        b 2024-02-01 employment.placement_ended episode=p
        c 2024-02-10 employment.placement_started episode=p form=ordinary
        c 2024-02-12 employment.placement_ended episode=other
        """,
        """
        a 2024-01-31 not_achieved 2024-02-29 evidence=2
        b 2024-01-31 not_achieved 2024-02-29  # ended before it began
        c 2024-01-31 achieved     2024-02-29  # the end of another job has no start yet, and ends nothing
        """,
    )


def test_residence_has_no_episode_id_and_an_end_closes_what_is_open() -> None:
    check(
        "{kind: state_at, index: growth.moved_in, state: {name: resident}, horizon: P1Y}",
        """
        a 2020-02-29 growth.moved_in
        a 2020-05-01 growth.moved_out
        a 2020-12-01 growth.moved_in
        b 2020-03-01 growth.moved_in
        b 2021-03-02 growth.moved_out
        c 2020-03-01 growth.moved_in
        c 2020-06-01 growth.moved_out
        c 2020-06-01 growth.moved_in
        """,
        """
        a 2020-02-29 achieved     2021-02-28  # away for a while, and back on the day
        a 2020-12-01 achieved     2021-12-01
        b 2020-03-01 achieved     2021-03-01  # the first day away is the day after
        c 2020-03-01 achieved     2021-03-01  # from one home into the next: the end does not close what begins with it
        c 2020-06-01 achieved     2021-06-01
        """,
    )


def test_population_conditions() -> None:
    check(
        """
        kind: state_at
        index: employment.benefit_ended
        state: {name: employment}
        horizon: P1M
        population:
          known: {age: {min: 30}}
          not_in_state: [{name: education}]
          without_event: [employment.placement_started]
          within: P1Y
        """,
        spells("abcdef")
        + """
        a 2023-01-01 person.condition_recorded attributes.age=29
        a 2024-01-31 person.condition_recorded attributes.age=30
        b 2023-01-01 person.condition_recorded attributes.age=29
        b 2024-02-01 person.condition_recorded attributes.age=30
        c 2023-01-01 person.condition_recorded attributes.age=40
        c 2023-09-01 education.enrolled episode=e level=vocational
        d 2023-01-01 person.condition_recorded attributes.age=40
        d 2023-09-01 education.enrolled episode=e level=vocational
        d 2024-01-31 education.interrupted episode=e
        e 2023-01-01 person.condition_recorded attributes.age=40
        e 2023-01-31 employment.placement_started episode=p
        f 2023-01-01 person.condition_recorded attributes.age=40
        f 2023-01-30 employment.placement_started episode=p
        f 2023-02-28 employment.placement_ended episode=p
        """,
        """
        a 2024-01-31 not_achieved 2024-02-29  # turned 30 on the index day
        d 2024-01-31 not_achieved 2024-02-29  # the education's last day was the day before
        f 2024-01-31 not_achieved 2024-02-29  # the last job began more than a year ago; e's exactly a year ago
        """,
    )


def test_touching_episodes_are_one_stretch() -> None:
    check(
        IN_WORK,
        spells("a")
        + """
        a 2024-02-01 employment.placement_started episode=p form=ordinary
        a 2024-02-10 employment.placement_ended episode=p
        a 2024-02-10 employment.placement_started episode=q form=ordinary
        """,
        "a 2024-01-31 achieved 2024-02-29 evidence=5  # p's start and end, and q's start: one stretch since the 1st",
    )


def test_a_start_that_held_on_no_day_is_no_evidence() -> None:
    check(
        """
        kind: state_at
        index: case.opened
        state: {name: resident}
        horizon: P2M
        """,
        """
        a 2024-02-04 growth.moved_in
        a 2024-02-29 case.opened episode=c
        a 2024-03-31 growth.moved_in at=0
        a 2024-03-31 growth.moved_out at=16
        """,
        """
        a 2024-02-29 not_achieved 2024-04-29 evidence=3  # the index, the first start, and the end that closes both
        """,
    )
