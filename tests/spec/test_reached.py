"""reached: does the target event happen within the horizon, index day included?"""

from tests.spec.tables import check

FOUND_WORK = """
kind: reached
index: employment.benefit_started
target: employment.placement_started
horizon: P10D
competing: [person.died]
censored_by: [person.moved_away, person.observed_until]
"""


def test_the_first_target_within_the_horizon_counts() -> None:
    check(
        FOUND_WORK,
        """
        a 2024-03-01 employment.benefit_started episode=s unit=jobcentre
        a 2024-03-04 employment.placement_started episode=p
        a 2024-03-07 employment.placement_started episode=q
        b 2024-03-01 employment.benefit_started episode=s
        b 2024-03-11 employment.placement_started episode=p
        c 2024-03-01 employment.benefit_started episode=s
        c 2024-03-12 employment.placement_started episode=p
        d 2024-03-01 employment.benefit_started episode=s
        d 2024-03-01 employment.placement_started episode=p
        e 2024-03-01 employment.benefit_started episode=s
        e 2024-02-29 employment.placement_started episode=p
        """,
        """
        a 2024-03-01 achieved     2024-03-04 resolves=2024-03-11 value=3 unit=jobcentre evidence=2  # the first placement counts
        b 2024-03-01 achieved     2024-03-11  # day 10 is within 10 days
        c 2024-03-01 not_achieved 2024-03-11 evidence=1  # day 11 is not; if nothing more is seen it is decided on day 10
        d 2024-03-01 achieved     2024-03-01 value=0  # the index day is included
        e 2024-03-01 not_achieved 2024-03-11  # before the index is not after it
        """,
    )


def test_whatever_comes_first_decides() -> None:
    check(
        FOUND_WORK,
        """
        a 2024-03-01 employment.benefit_started episode=s
        a 2024-03-04 person.died
        a 2024-03-04 employment.placement_started episode=p
        b 2024-03-01 employment.benefit_started episode=s
        b 2024-03-03 person.died
        b 2024-03-04 employment.placement_started episode=p
        c 2024-03-01 employment.benefit_started episode=s
        c 2024-03-05 person.moved_away
        c 2024-03-05 person.died
        d 2024-03-01 employment.benefit_started episode=s
        d 2024-03-11 person.observed_until reason=end
        e 2024-03-01 employment.benefit_started episode=s
        e 2024-03-12 person.died
        f 2024-03-01 employment.benefit_started episode=s
        f 2024-02-20 person.moved_away
        f 2024-03-01 person.moved_away
        f 2024-03-02 employment.placement_started episode=p
        """,
        """
        a 2024-03-01 achieved     2024-03-04  # achieved on the same day
        b 2024-03-01 competing    2024-03-03 value=2 evidence=2  # died the day before
        c 2024-03-01 competing    2024-03-05  # on one day competing comes before censored
        d 2024-03-01 censored     2024-03-11  # on the deciding day itself
        e 2024-03-01 not_achieved 2024-03-11  # decided before
        f 2024-03-01 censored     2024-03-01  # on the index day; what came before the index does not count
        """,
    )


def test_several_index_events_each_have_a_record() -> None:
    check(
        FOUND_WORK,
        """
        a 2024-03-01 employment.benefit_started episode=s
        a 2024-03-05 employment.benefit_started episode=t
        a 2024-03-12 employment.placement_started episode=p
        """,
        """
        a 2024-03-01 not_achieved 2024-03-11
        a 2024-03-05 achieved     2024-03-12
        """,
    )


def test_first_and_first_after_gap() -> None:
    given = """
        a 2024-01-31 employment.benefit_started episode=s
        a 2024-02-28 employment.benefit_started episode=t
        a 2024-03-28 employment.benefit_started episode=u
        a 2024-04-27 employment.benefit_started episode=v
        """
    check(
        FOUND_WORK.replace("index: employment.benefit_started", "index: {event: employment.benefit_started, every: first}"),
        given,
        "a 2024-01-31 not_achieved 2024-02-10",
    )
    check(
        FOUND_WORK.replace(
            "index: employment.benefit_started", "index: {event: employment.benefit_started, every: first_after_gap, gap: P1M}"
        ),
        given,
        """
        a 2024-01-31 not_achieved 2024-02-10
        a 2024-03-28 not_achieved 2024-04-07  # 31 January + P1M is 29 February: the 28th is too early; 28 February + P1M is 28 March
        """,
    )


def test_calendar_months_end_on_the_last_day() -> None:
    check(
        FOUND_WORK.replace("P10D", "P1M"),
        """
        a 2024-01-31 employment.benefit_started episode=s
        a 2024-02-29 employment.placement_started episode=p
        b 2023-01-31 employment.benefit_started episode=s
        b 2023-03-01 employment.placement_started episode=p
        """,
        """
        a 2024-01-31 achieved     2024-02-29 resolves=2024-02-29
        b 2023-01-31 not_achieved 2023-02-28
        """,
    )


def test_an_ended_event_sees_the_fields_of_its_start() -> None:
    check(
        """
        kind: reached
        index: {event: employment.benefit_ended, where: {benefit: [kontanthjaelp], attributes.age: {min: 18}}}
        target: {event: employment.placement_started, where: {hours_per_week: {min: 30}}}
        horizon: P10D
        """,
        """
        a 2024-01-01 employment.benefit_started episode=s benefit=kontanthjaelp attributes.age=40
        a 2024-03-01 employment.benefit_ended episode=s reason=job
        a 2024-03-02 employment.placement_started episode=p hours_per_week=20
        a 2024-03-03 employment.placement_started episode=q hours_per_week=37
        b 2024-01-01 employment.benefit_started episode=s benefit=dagpenge attributes.age=40
        b 2024-03-01 employment.benefit_ended episode=s
        c 2024-03-01 employment.benefit_ended episode=s
        d 2024-01-01 employment.benefit_started episode=s benefit=kontanthjaelp attributes.age=40
        d 2024-03-01 employment.benefit_ended episode=s attributes.age=17
        """,
        """
        a 2024-03-01 achieved 2024-03-03 evidence=3  # index, its start, and the target
        """,
    )


def test_an_end_without_its_start_waits_and_a_point_does_not() -> None:
    check(
        "{kind: reached, index: employment.benefit_ended, target: education.completed, horizon: P10D}",
        """
        a 2024-03-01 employment.benefit_ended episode=s
        b 2024-02-01 employment.benefit_started episode=s
        b 2024-03-01 employment.benefit_ended episode=s
        b 2024-03-05 education.completed episode=never-enrolled
        """,
        "b 2024-03-01 achieved 2024-03-05  # completed is also a point",
    )


def test_of_two_starts_the_earlier_stands_and_of_two_ends_the_one_recorded_last() -> None:
    check(
        "{kind: reached, index: employment.benefit_started, target: employment.benefit_ended, horizon: P100D}",
        """
        a 2024-03-05 employment.benefit_started episode=s
        a 2024-03-01 employment.benefit_started episode=s recorded=2024-06-01
        a 2024-03-20 employment.benefit_ended episode=s recorded=2024-04-01
        a 2024-03-10 employment.benefit_ended episode=s recorded=2024-05-01
        """,
        "a 2024-03-01 achieved 2024-03-10 known=2024-06-01 evidence=2",
    )


def test_the_index_event_is_not_its_own_target() -> None:
    check(
        "{kind: reached, index: employment.benefit_started, target: employment.benefit_started, horizon: P10D}",
        """
        a 2024-03-01 employment.benefit_started episode=s at=9
        a 2024-03-01 employment.benefit_started episode=t at=8
        a 2024-03-05 employment.benefit_started episode=u
        """,
        """
        a 2024-03-01 achieved     2024-03-01  # t, by s
        a 2024-03-01 achieved     2024-03-01  # s, by t
        a 2024-03-05 not_achieved 2024-03-15
        """,
    )


def test_a_horizon_can_be_a_date_of_the_index_event() -> None:
    check(
        "{kind: reached, index: case.opened, target: case.closed, horizon: {field: deadline}, competing: [person.died]}",
        """
        a 2024-03-01 case.opened episode=1 deadline=2024-03-20
        a 2024-03-20 case.closed episode=1
        b 2024-03-01 case.opened episode=1 deadline=2024-03-20
        b 2024-03-21 case.closed episode=1
        c 2024-03-01 case.opened episode=1
        c 2024-03-02 person.died
        d 2024-03-01 case.opened episode=1 deadline=2024-02-29
        d 2024-03-01 case.closed episode=1
        """,
        """
        a 2024-03-01 achieved     2024-03-20 resolves=2024-03-20
        b 2024-03-01 not_achieved 2024-03-20
        c 2024-03-01 unmeasured   2024-03-01 resolves=2024-03-01 value=none  # no deadline: nothing to hold it against
        d 2024-03-01 unmeasured   2024-03-01  # a deadline before the case is no deadline
        """,
    )


def test_effort_of_other_units_between_index_and_decision() -> None:
    check(
        FOUND_WORK,
        """
        a 2024-02-28 employment.conversation_held effort.school=99
        a 2024-03-01 employment.benefit_started episode=s effort.school=10
        a 2024-03-02 employment.conversation_held effort.clinic=7.5 effort.school=20
        a 2024-03-04 employment.placement_started episode=p
        a 2024-03-05 employment.conversation_held effort.school=99
        """,
        """a 2024-03-01 achieved 2024-03-04 contributors={"clinic":7.5,"school":30.0}""",
    )


DECIDED_IN_TIME = """
kind: reached
index: case.opened
target: {event: case.closed, where: {decision: granted}}
horizon: {field: deadline}
same_episode: true
competing: [{event: case.closed, where: {decision: {not: granted}}}]
censored_by: [person.moved_away]
"""


def test_each_case_of_one_subject_is_answered_by_its_own_closing() -> None:
    check(
        DECIDED_IN_TIME,
        """
        a 2024-03-01 case.opened episode=first deadline=2024-03-20
        a 2024-03-02 case.opened episode=second deadline=2024-03-12
        a 2024-03-05 case.closed episode=second code=refused
        a 2024-03-09 case.closed episode=first code=granted
        b 2024-03-01 case.opened episode=first deadline=2024-03-20
        b 2024-03-01 case.opened episode=second deadline=2024-03-10
        b 2024-03-08 person.moved_away
        b 2024-03-08 case.closed episode=first code=granted
        c 2024-03-01 case.opened episode=first deadline=2024-03-10
        c 2024-03-02 case.closed episode=other code=granted
        """,
        """
        a 2024-03-01 achieved     2024-03-09 evidence=2  # the refusal of the other case says nothing of this one
        a 2024-03-02 competing    2024-03-05
        b 2024-03-01 achieved     2024-03-08  # on one day the answer comes before losing sight
        b 2024-03-01 censored     2024-03-08  # moving away concerns every case
        c 2024-03-01 not_achieved 2024-03-10
        """,
    )


def test_without_it_any_closing_of_the_subject_answers() -> None:
    check(
        DECIDED_IN_TIME.replace("same_episode: true", ""),
        """
        a 2024-03-01 case.opened episode=first deadline=2024-03-20
        a 2024-03-05 case.closed episode=second code=granted
        """,
        """
        a 2024-03-01 achieved 2024-03-05
        """,
    )
