"""The invented municipality's units, and how each truly works: the chances, costs and outputs that the figures should find again.

Nothing here describes a real place. The differences are drawn large on purpose: in several core tasks the unit that does most per krone
is not the unit that achieves most per krone.
"""

from dataclasses import dataclass

MUNICIPALITY = "eks"
STAFF_UNIT = "eks.stab"
"""Where money stands that is no single unit's: benefits, buildings, shared administration."""
WORK, CARE, SCHOOL, COMMUNITY, GROWTH = (
    "uddannelse_beskaeftigelse",
    "aktivt_selvstaendigt_liv",
    "trivsel_laering",
    "faellesskab_fritid",
    "baeredygtig_vaekst",
)

LEAD_INDICATORS = {
    WORK: "job_held_26_weeks",
    CARE: "without_help_6_months",
    SCHOOL: "youth_education_15_months",
    COMMUNITY: "membership_held_12_months",
    GROWTH: "company_alive_18_months",
}


@dataclass(frozen=True)
class UnitTruth:
    """How one unit truly works.

    easy, hard        chance of the effect for a case of the easy and of the hard stratum, if nothing competes and nobody moves away
    hard_share        share of hard cases among those it gets: case mix, not merit
    outputs_per_case  outputs per case on average
    cost_per_case     kroner of effort per case, in the first year's prices
    pull              how many cases come here, beside the others
    """

    id: str
    core_task: str
    easy: float
    hard: float
    hard_share: float
    outputs_per_case: float
    cost_per_case: int
    pull: float = 1.0

    @property
    def probability(self) -> float:
        """Chance of the effect over the unit's own mix of cases."""
        return self.easy * (1 - self.hard_share) + self.hard * self.hard_share

    @property
    def outputs_per_million(self) -> float:
        """Outputs per million kroner of effort."""
        return self.outputs_per_case / self.cost_per_case * 1e6

    @property
    def effects_per_million(self) -> float:
        """Effects per million kroner of effort, before anything competes."""
        return self.probability / self.cost_per_case * 1e6

    def chance(self, *, is_hard: bool) -> float:
        """Chance of the effect for one case."""
        return self.hard if is_hard else self.easy


UNITS = (
    # Havnen holds twice the conversations of the others, and they lead to less: most outputs per krone, least effect per krone.
    UnitTruth("eks.arbejde.havnen", WORK, 0.36, 0.14, 0.40, 14.0, 38_000),
    UnitTruth("eks.arbejde.skoven", WORK, 0.66, 0.38, 0.35, 6.0, 30_000),
    # Torvet gets the easy cases, Banen the hard ones: crude shares say Torvet, comparison on equal terms says Banen.
    UnitTruth("eks.arbejde.torvet", WORK, 0.52, 0.24, 0.12, 8.0, 36_000, 1.1),
    UnitTruth("eks.arbejde.banen", WORK, 0.58, 0.36, 0.70, 8.0, 37_000),
    UnitTruth("eks.arbejde.mosen", WORK, 0.48, 0.26, 0.45, 5.0, 44_000, 0.8),
    UnitTruth("eks.omsorg.nord", CARE, 0.38, 0.16, 0.45, 26.0, 52_000),
    UnitTruth("eks.omsorg.syd", CARE, 0.62, 0.34, 0.40, 12.0, 46_000),
    UnitTruth("eks.omsorg.vest", CARE, 0.50, 0.26, 0.50, 15.0, 54_000),
    UnitTruth("eks.omsorg.oest", CARE, 0.55, 0.30, 0.65, 14.0, 60_000, 0.9),
    UnitTruth("eks.omsorg.midt", CARE, 0.46, 0.24, 0.30, 16.0, 50_000, 1.1),
    UnitTruth("eks.skole.bakke", SCHOOL, 0.87, 0.70, 0.15, 30.0, 95_000),
    UnitTruth("eks.skole.aa", SCHOOL, 0.92, 0.76, 0.45, 28.0, 90_000),
    UnitTruth("eks.skole.eng", SCHOOL, 0.88, 0.64, 0.35, 36.0, 92_000),
    UnitTruth("eks.skole.fjord", SCHOOL, 0.90, 0.72, 0.60, 27.0, 104_000),
    UnitTruth("eks.kultur.nord", COMMUNITY, 0.58, 0.40, 0.30, 9.0, 5_200),
    UnitTruth("eks.kultur.syd", COMMUNITY, 0.66, 0.50, 0.30, 6.0, 4_600, 0.7),
    UnitTruth("eks.kultur.midt", COMMUNITY, 0.50, 0.32, 0.35, 16.0, 5_600, 1.3),
    UnitTruth("eks.kultur.bibliotek", COMMUNITY, 0.74, 0.58, 0.40, 7.0, 5_000),
    UnitTruth("eks.kultur.hal", COMMUNITY, 0.60, 0.44, 0.20, 11.0, 6_800),
    UnitTruth("eks.vaekst.erhverv", GROWTH, 0.58, 0.38, 0.30, 9.0, 42_000, 1.2),
    UnitTruth("eks.vaekst.turisme", GROWTH, 0.64, 0.46, 0.55, 5.0, 36_000),
    UnitTruth("eks.vaekst.kyst", GROWTH, 0.76, 0.60, 0.40, 4.0, 34_000),
    UnitTruth("eks.vaekst.land", GROWTH, 0.68, 0.50, 0.35, 6.0, 45_000, 0.9),
)

BY_CORE_TASK = {task: tuple(unit for unit in UNITS if unit.core_task == task) for task in LEAD_INDICATORS}

CHANGE, CHANGE_NAME = "training_first", "Training before compensating help"
CHANGE_REACHED = {"eks.omsorg.syd": 0.30, "eks.omsorg.vest": 0.45, "eks.omsorg.oest": 0.60}
"""When the change comes to a unit, as a part of the period; it never comes to the others."""
CHANGE_LIFT = 0.15
"""What it truly adds to the chance of the effect, from its day on: a comparison should find it again."""

NEW_UNIT, NEW_UNIT_PARENT, NEW_UNIT_NAME = "eks.skole.strand", "eks.skole", "Strandskolen"
MERGED_UNIT, MERGED_INTO = "eks.kultur.syd", "eks.kultur.midt"
MOVED_UNIT, MOVED_TO = "eks.kultur.bibliotek", "eks.skole"
