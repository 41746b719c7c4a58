"""Texts of the pages that compare: expected and observed, what stands out, the kroner, the changes. Danish and English side by side."""

EFFECT_TEXTS: dict[str, tuple[str, str]] = {
    "quality.gate_history": ("Hvad kvalitetskontrollen fandt, udgave for udgave", "What the quality gate found, version by version"),
    "nav.kroner": ("Kroner", "Kroner"),
    "nav.changes": ("Ændringer", "Changes"),
    # what stands out
    "findings.title": ("Det træder frem", "What stands out"),
    "findings.longer": ("Holder længere, eller lykkes oftere, end forventet", "Lasts longer, or comes oftener, than expected"),
    "findings.longer.none": (
        "Ingen enhed ligger over de grænser, som tilfældet sætter.",
        "No unit lies above the limits that chance sets.",
    ),
    "findings.row": ("{ratio} gange det forventede ({low}–{high})", "{ratio} times what was expected ({low}–{high})"),
    "findings.much_for_little": ("Mange ydelser, mindst effekt", "Most outputs, least effect"),
    "findings.much_for_little.none": (
        "Ingen enhed står sikkert dårligere på effekt end på ydelser.",
        "No unit stands surely worse by effect than by outputs.",
    ),
    "findings.places": (
        "nr. {outputs} på ydelser, nr. {effects} på effekt pr. krone",
        "no. {outputs} by outputs, no. {effects} by effect per krone",
    ),
    "findings.kroner": ("Kroner uden kendt effekt", "Kroner without a known effect"),
    "findings.kroner.more": ("Hvilke kroner har ingen kendt effekt?", "Which kroner have no known effect?"),
    "findings.changes": ("Hvad er ændret siden sidste udgivelse?", "What changed since the last publication?"),
    # the kroner
    "kroner.title": ("Hvilke kroner har en kendt effekt?", "Which kroner have a known effect?"),
    "kroner.lead": (
        "Hele regnskabet, delt efter hvad man ved om effekten. Linjerne giver regnskabet på øren.",
        "The whole ledger, by what is known of its effect. The lines add up to the ledger to the øre.",
    ),
    "kroner.none": ("Der er ikke bogført noget i denne udgivelse.", "Nothing is booked in this publication."),
    "kroner.table": ("Bogførte kroner efter kerneopgave og viden", "Kroner booked, by core task and knowledge"),
    "kroner.part": ("Hvad man ved", "What is known"),
    "kroner.note": (
        "Uden kendt effekt betyder: ingen årgang for enheden og kerneopgaven har et tal, der kan vises. Den kan være umoden, skjult "
        "eller aldrig målt. Det er ikke det samme som ingen effekt.",
        "Without a known effect means: no cohort of the unit and core task has a figure that can be shown. It may be immature, hidden "
        "or never measured. That is not the same as no effect.",
    ),
    "part.effort with a known effect": ("Indsats med kendt effekt", "Effort with a known effect"),
    "part.effort without a known effect": ("Indsats uden kendt effekt", "Effort without a known effect"),
    "part.not effort": ("Ikke indsats (ydelser til borgere, anlæg, refusion)", "Not effort (benefits, capital, refunds)"),
    "part.no core task": ("Ingen kerneopgave", "No core task"),
    # expected and observed
    "core_task.expected_link": ("Forventet og opnået", "Expected and observed"),
    "expected.title": ("Forventet og opnået", "Expected and observed"),
    "expected.lead": (
        "Enheder får ikke de samme borgere. Her holdes hver enhed op mod det, dens egne borgere lod forvente, og mod det, som tilfældet "
        "alene kan give.",
        "Units do not get the same citizens. Here each is held against what its own citizens let expect, and against what chance alone "
        "can give.",
    ),
    "expected.none": (
        "Kataloget siger ikke, hvad denne indikator skal sammenlignes med, eller ingen årgang er moden endnu.",
        "The catalogue does not say what to compare this indicator with, or no cohort is mature yet.",
    ),
    "expected.limits": ("Grænser", "Limits"),
    "limits.plain": ("Kun tilfældet", "Chance alone"),
    "limits.wide": ("Med forskelle ud over tilfældet", "With differences beyond chance"),
    "expected.summary": ("Hvor mange enheder træder frem", "How many units stand out"),
    "expected.outside": ("af {n} enheder ligger uden for 95 %-grænserne", "of {n} units lie outside the 95% limits"),
    "expected.by_chance": (
        "Tilfældet alene ville give omkring {chance}, også hvis alle var lige gode.",
        "Chance alone would give about {chance}, even if all were equally good.",
    ),
    "expected.dispersion.none": (
        "Ekstra spredning mellem enheder er ikke skønnet: der er for få enheder.",
        "Over-dispersion between units is not estimated: there are too few units.",
    ),
    "expected.dispersion": (
        "Enhederne svinger {phi} gange så meget, som tilfældet alene giver ({n} enheder).",
        "The units vary {phi} times as much as chance alone gives ({n} units).",
    ),
    "expected.chart.title": ("Enheder og de grænser, tilfældet sætter", "Units, and the limits that chance sets"),
    "expected.chart.desc": (
        "Tragtdiagram med {n} enheder. Uden for grænserne: {outside}.",
        "Funnel of {n} units. Outside the limits: {outside}.",
    ),
    "expected.chart.none": (
        "For få enheder med et tal til en tragt; tabellen har dem alle.",
        "Too few units with a figure for a funnel; the table has them all.",
    ),
    "expected.nobody": ("ingen", "none"),
    "expected.axis.records": ("Sammenlignede forløb", "Courses compared"),
    "expected.axis.expected": ("Forventet antal", "Number expected"),
    "expected.axis.ratio": ("Opnået / forventet", "Observed / expected"),
    "expected.too_few_units": ("for få enheder", "too few units"),
    "expected.key.95": ("95 %-grænser", "95% limits"),
    "expected.key.998": ("99,8 %-grænser", "99.8% limits"),
    "expected.table": ("Opnået over for forventet, {cohort}", "Observed against expected, {cohort}"),
    "expected.note": (
        "Sammenligningen er standardiseret: forskelle i borgernes kendte forudsætninger er taget ud, ukendte er ikke. Den viser, hvor "
        "man skal se efter, ikke hvem der har skylden.",
        "The comparison is standardised: known differences between citizens are taken out, unknown ones are not. It shows where to "
        "look, not whom to blame.",
    ),
    "expected.methods": ("Metoder: {methods}.", "Methods: {methods}."),
    "col.verdict": ("Vurdering", "Verdict"),
    "col.observed": ("Opnået", "Observed"),
    "col.expected": ("Forventet", "Expected"),
    "col.oe": ("Opnået / forventet", "Observed / expected"),
    "col.shrunk": ("Trukket mod det fælles", "Drawn to the common"),
    "col.oe_rank": ("Plads", "Rank"),
    "verdict.within": ("Inden for det, tilfældet kan give", "Within what chance can give"),
    "verdict.alert_high": ("Over det forventede (95 %)", "Above what was expected (95%)"),
    "verdict.alarm_high": ("Klart over det forventede (99,8 %)", "Clearly above what was expected (99.8%)"),
    "verdict.alert_low": ("Under det forventede (95 %)", "Below what was expected (95%)"),
    "verdict.alarm_low": ("Klart under det forventede (99,8 %)", "Clearly below what was expected (99.8%)"),
    "verdict.none": ("Kan ikke siges", "Cannot be said"),
    # three views
    "views.title": ("Den formelle, den udførte og den oplevede kerneopgave", "The formal, the performed and the experienced core task"),
    "views.formal": ("Mål", "Target"),
    "views.performed": ("Udført", "Performed"),
    "views.experienced": ("Oplevet", "Experienced"),
    "views.no_target": ("intet mål", "no target"),
    "views.gap_formal": ("Udført: {gap} målet.", "Performed: {gap} the target."),
    "views.gap_experienced": ("Oplevet: {gap} udført.", "Experienced: {gap} performed."),
    "points.more": ("{n} procentpoint over", "{n} percentage points above"),
    "points.less": ("{n} procentpoint under", "{n} percentage points below"),
    "link.with": (
        "{with_} af dem med effekt her har også effekt der, mod {without} af de andre (forskel {low} til {high} procentpoint; en "
        "beskrivelse, ikke en årsag).",
        "{with_} of those with an effect here have one there too, against {without} of the others (difference {low} to {high} points; "
        "a description, not a cause).",
    ),
    # what changed
    "changes.title": ("Hvad er ændret siden sidste udgivelse?", "What changed since the last publication?"),
    "changes.lead": (
        "Et tal kan flytte sig, uden at nogen er blevet bedre eller dårligere: nye hændelser, rettelser, andre definitioner eller blot "
        "tiden, der går. Her står, hvilke tal der flyttede sig, og hvorfor.",
        "A figure can move without anybody getting better or worse: new events, corrections, other definitions or just the passing of "
        "time. Here is which figures moved, and why.",
    ),
    "changes.first": (
        "Der er ingen tidligere udgivelse at holde denne op imod endnu.",
        "There is no earlier publication to hold this one against yet.",
    ),
    "changes.before": ("Før", "Before"),
    "changes.after": ("Nu", "Now"),
    "changes.figures": ("Tal, der er ændret", "Figures that changed"),
    "changes.between": ("Det er kommet imellem", "What came in between"),
    "changes.time": ("Tallene er gjort op pr. {after} i stedet for {before}.", "Figures are counted as of {after} instead of {before}."),
    "changes.no_events": ("Ingen hændelser er talt imellem de to udgivelser.", "No events are counted between the two publications."),
    "changes.a_few": ("nogle få", "a few"),
    "changes.none": ("Intet af dette er ændret.", "None of this changed."),
    "changes.table": (
        "Ændrede tal, kommunens samlede først, så de største ændringer",
        "Changed figures, the whole municipality first, then the largest",
    ),
    "changes.cut": ("Her er de første {shown} af {total}.", "These are the first {shown} of {total}."),
    "changes.all_rows": ("Vis alle", "Show all"),
    "changes.was": ("Andel før", "Share before"),
    "changes.is": ("Andel nu", "Share now"),
    "changes.why": ("Hvorfor", "Why"),
    "changes.note": (
        "Hvor kun nogle få personer ligger bag en ændring, vises hverken tal eller deling efter årsag.",
        "Where only a few persons are behind a change, neither numbers nor the split by cause are shown.",
    ),
    "changes.no_causes": (
        "Ved denne udgivelse er årsagerne ikke regnet ud tal for tal; de fælles årsager står ovenfor.",
        "With this publication the causes were not worked out figure by figure; what they have in common stands above.",
    ),
    "changes.part": ("{cause} {points}", "{cause} {points}"),
    "cause.new_events": ("Nye hændelser", "New events"),
    "cause.corrections": ("Rettelser", "Corrections"),
    "cause.ledger": ("Bogføring", "Ledger"),
    "cause.organisation": ("Organisation", "Organisation"),
    "cause.definitions": ("Definitioner", "Definitions"),
    "cause.prices": ("Priser", "Prices"),
    "cause.time": ("Tiden", "Time"),
    "cause.not_reproduced": ("Kan ikke gendannes", "Cannot be brought back"),
    "cause.unknown": ("Se ovenfor", "See above"),
    "changed.added": ("ny", "new"),
    "changed.removed": ("udgået", "removed"),
    "changed.changed": ("defineret på ny", "defined anew"),
    "changes.everything": ("Alle", "All"),
}
