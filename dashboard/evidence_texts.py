"""Texts of the page behind a figure, Danish and English side by side."""

EVIDENCE_TEXTS: dict[str, tuple[str, str]] = {
    "evidence.link": ("Se, hvad tallet bygger på", "See what the figure rests on"),
    "evidence.title": ("Bag tallet", "Behind the figure"),
    "evidence.lead": (
        "De forløb, tallet tæller, og de hændelser, hvert forløb bygger på. Borgerne er pseudonymer; "
        "opslaget bliver logget med dit navn og formål.",
        "The courses that the figure counts, and the events that each rests on. Citizens are pseudonyms; "
        "the look is logged with your name and purpose.",
    ),
    "evidence.published": ("Som udgivet", "As published"),
    "evidence.purpose": ("Hvorfor slår du op?", "Why do you look?"),
    "evidence.purpose_hint": (
        "{least} til {most} tegn, uden navne og personnumre. Det bliver logget.",
        "{least} to {most} characters, without names and civil registration numbers. It is logged.",
    ),
    "evidence.purpose_bad": (
        "Skriv formålet med {least} til {most} tegn, og uden noget, der ligner et personnummer.",
        "State the purpose in {least} to {most} characters, and without anything like a civil registration number.",
    ),
    "evidence.show": ("Vis forløbene", "Show the courses"),
    "evidence.agrees": (
        "Forløbene svarer til det udgivne tal: {total}.",
        "The records are what was published: {total}.",
    ),
    "evidence.hidden": (
        "Udgivelsen skjuler dette tal, fordi det bygger på få personer. Her er forløbene: {total}.",
        "The publication hides this figure, since it rests on few persons. Here are the records: {total}.",
    ),
    "evidence.differs": (
        "Forløbene svarer ikke længere til det udgivne tal ({columns}): nogen er slettet siden, eller lageret er et andet.",
        "The records are no longer what was published ({columns}): somebody was erased since, or the store is another.",
    ),
    "evidence.reported": (
        "Bag dette tal står ingen personer: kilderne har indberettet summer. Her er indberetningerne: {total}.",
        "No persons stand behind this figure: sources reported totals. Here are the reports: {total}.",
    ),
    "evidence.logged": ("Opslaget er logget: {purpose}", "The look is logged: {purpose}"),
    "evidence.table": ("Forløb {first} til {last} af {total}", "Records {first} to {last} of {total}"),
    "evidence.subject": ("Borger (pseudonym)", "Citizen (pseudonym)"),
    "evidence.index_on": ("Begyndt", "Began"),
    "evidence.counted_as": ("Tæller som", "Counts as"),
    "evidence.decided_on": ("Afgjort", "Decided"),
    "evidence.events": ("Hændelser", "Events"),
    "evidence.event_line": ("{n} hændelser", "{n} events"),
    "evidence.corrected": ("rettet", "corrected"),
    "evidence.earlier": ("Forrige", "Previous"),
    "evidence.later": ("Næste", "Next"),
    "evidence.empty": ("Ingen forløb.", "No records."),
    "evidence.no_store": (
        "Denne server er startet uden et lager, så der kan ikke slås op bag tallene her. "
        "Start den med --store, eller brug kerneeffekt explain.",
        "This server was started without a store, so nothing can be looked up behind the figures here. "
        "Start it with --store, or use kerneeffekt explain.",
    ),
    "evidence.busy": ("Lageret er i brug. Prøv igen om lidt.", "The store is in use. Try again in a moment."),
    "evidence.away": (
        "Lageret kan ikke læses, eller opslaget kan ikke logges. Så vises der intet.",
        "The store cannot be read, or the look cannot be logged. So nothing is shown.",
    ),
    "evidence.none": ("Udgivelsen viser ikke et sådant tal.", "This publication shows no such figure."),
    "outcome.achieved": ("Opnået", "Achieved"),
    "outcome.not_achieved": ("Ikke opnået", "Not achieved"),
    "outcome.competing": ("Andet kom først", "Competing"),
    "outcome.censored": ("Kan ikke følges", "Censored"),
    "outcome.unmeasured": ("Ikke målt", "Not measured"),
    "outcome.pending": ("Følges stadig", "Still followed"),
    "outcome.reported": ("Indberettet", "Reported"),
}
