"""Texts of the pages of core tasks, units and money as they stand in the organisation. Danish and English side by side."""

UNIT_TEXTS: dict[str, tuple[str, str]] = {
    # the organisation of then and of now
    "organisation.label": ("Organisation", "Organisation"),
    "organisation.was": ("Som den var", "As it was"),
    "organisation.is": ("Som den er i dag", "As it is today"),
    "organisation.is.note": (
        "Vist i organisationen pr. opgørelsesdagen: en sammenlagt enheds historie står hos den, der tog over.",
        "Shown in the organisation of the as-of day: a merged unit's history stands at the one that took over.",
    ),
    "organisation.outputs_note": (
        "Ydelser er kun talt i organisationen, som den var.",
        "Outputs are counted in the organisation as it was only.",
    ),
    "organisation.changes": ("Enheder, der har skiftet indhold", "Units whose content changed"),
    "organisation.changes_note": (
        "Tallene før og efter er ikke for det samme hele. Vælg organisationen i dag for at se én sammenhængende historie.",
        "Figures before and after are not of the same whole. Choose today's organisation to see one connected history.",
    ),
    "unit_change.took over": ("{unit} overtog {other}", "{unit} took over {other}"),
    "unit_change.merged into": ("{unit} blev lagt sammen med {other}", "{unit} was merged into {other}"),
    "unit_change.gained": ("{other} blev en del af {unit}", "{other} came to stand below {unit}"),
    "unit_change.lost": ("{other} gik ud af {unit}", "{other} left {unit}"),
    "comparable.breaks": ("Brud i årgangen eller dens opfølgning: {dates}.", "Break inside the cohort or its follow-up: {dates}."),
    "comparable.from": (
        "Kan kun sammenlignes med årgange efter {date}.",
        "Comparable only with cohorts after {date}.",
    ),
    # every rule side by side
    "rules.title": ("Alle fordelingsregler ved siden af hinanden", "Every attribution rule side by side"),
    "rules.lead": (
        "Når flere enheder har bidraget, kan én effekt deles på flere måder. Ingen af dem er den rigtige; er en enheds plads den samme "
        "efter dem alle, afhænger den ikke af reglen.",
        "When several units took part, one effect can be shared in several ways. None of them is the right one; where a unit's place is "
        "the same by all, it does not depend on the rule.",
    ),
    "rules.one": (
        "Ingen sag er delt mellem enheder her, så alle regler giver det samme.",
        "No case is shared between units here, so every rule gives the same.",
    ),
    "rules.table": ("Effekter pr. mio. kr. efter hver regel, {cohort}", "Effects per million kr. by each rule, {cohort}"),
    "rules.basis": ("delt i lige dele: tallene manglede", "shared equally: the numbers were not there"),
    "rules.effects": ("{effects} effekter", "{effects} effects"),
    "rules.outside": ("Effekter, som ingen enhed gives", "Effects that no unit is given"),
    "rules.outside_note": ("Effekter og andel af alle effekter i årgangen", "Effects, and share of all effects of the cohort"),
    "outside.(citizen)": ("Borgerens egen andel", "The citizen's own share"),
    "outside.(unclaimed)": ("Ingen enhed er nævnt", "No unit is named"),
}
