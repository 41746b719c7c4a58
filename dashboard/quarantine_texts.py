"""Texts of the quarantine page, Danish and English side by side."""

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Afviste hændelser", "Rejected events"),
    "lead": (
        "Hændelser, som ikke kunne tages imod. De tæller ikke med, før de er rettet. Her vises sted, art og fejl, aldrig indhold.",
        "Events that could not be taken. They count nowhere until they are mended. Shown here are place, class and fault, never content.",
    ),
    "empty": ("Ingen hændelser er afvist.", "No events are rejected."),
    "by_class": ("Efter art", "By class"),
    "class": ("Art", "Class"),
    "means": ("Betyder", "Means"),
    "number": ("Antal", "Number"),
    "all": ("Alle", "All"),
    "list": ("De første {n} efter sted", "The first {n} by place"),
    "place": ("Sted (emne, partition, nummer)", "Place (topic, partition, offset)"),
    "source": ("Kilde", "Source"),
    "faults": ("Fejl", "Faults"),
    "download": ("Hent fil til afsenderen", "Download a file for the sender"),
    "download_lead": (
        "En linje per hændelse: sted, fejl, kontrolsum og hændelsens form uden indhold, så afsenderen kan finde og rette den.",
        "One line per event: place, faults, checksum, and the event's shape without content, so that its sender can find and mend it.",
    ),
    "retry": ("Prøv igen", "Try again"),
    "retry_lead": (
        "Når en model eller et katalog er rettet: det, der nu er velformet, tages med. Intet tælles to gange.",
        "After a model or a catalogue was mended: what is well-formed now is taken up. Nothing is counted twice.",
    ),
    "done": (
        "{taken} hændelser blev taget med; {left} bliver liggende.",
        "{taken} events were taken up; {left} stay.",
    ),
    "kept": (
        "Indholdet slettes efter 14 dage. Hvert kig på denne side logges.",
        "What they said is deleted after 14 days. Each look at this page is logged.",
    ),
    "back": ("Til forsiden", "To the front page"),
}
CLASSES: dict[str, tuple[str, str]] = {
    "malformed": ("er ikke gyldig JSON, er for stor eller kan ikke læses", "is not valid JSON, is too large, or cannot be read"),
    "envelope": (
        "en ydre egenskab mangler eller er forkert (kilde, tid, emne)",
        "an outer attribute is missing or wrong (source, time, subject)",
    ),
    "unknown_type": ("hændelsestypen kendes ikke", "the type of event is not known"),
    "payload": ("et felt i indholdet mangler eller har en forkert værdi", "a field of the content is missing or has a wrong value"),
    "personal_number": (
        "indeholder noget, der ligner et personnummer; kun en maskeret kopi er gemt",
        "holds something like a civil registration number; only a masked copy is kept",
    ),
    "conflict": ("samme kilde og id som en anden hændelse, men andet indhold", "same source and id as another event, but other content"),
}


def say(key: str, language: str, **values: object) -> str:
    """A text of this page."""
    return TEXTS[key][language == "en"].format(**values)


def class_words(name: str, language: str) -> str:
    """What a class means."""
    return CLASSES.get(name, ("", ""))[language == "en"]
