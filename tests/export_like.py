"""A CSV as a Danish case system exports it: Windows-1252, semicolons, dates with the day first, decimal commas. Invented."""

import csv
import datetime as dt
import io
import random
from pathlib import Path

HEADER = ("Sagsnr", "CPR", "Navn", "Enhed", "Ydelse", "Branche", "Timer før", "Startdato", "Slutdato", "Årsag", "Løn (kr.)")
UNITS = ("Jobcenter Nord", "Jobcenter Sydøst")
BENEFITS = ("Kontanthjælp", "Dagpenge", "Uddannelseshjælp", "Revalidering")
TRADES = ("Bygge og anlæg", "Køkken & restauration", "Ældrepleje", 'Fisk "frisk; fangst"', "Øvrige")
REASONS = ("Selvforsørgelse", "Fraflyttet; ny kommune", "Sygdom", "-")
NAMES = ("Åse Ærø", "Jørgen Bæk", "Øjvind Å", "Zoë Møller")


def cpr(rng: random.Random) -> str:
    born = dt.date(1950, 1, 1) + dt.timedelta(days=rng.randrange(19_000))
    return f"{born:%d%m%y}{rng.choice(('-', ''))}{rng.randrange(10_000):04d}"


def kroner(ore: int) -> str:
    whole, cents = divmod(ore, 100)
    return f"{whole:,}".replace(",", ".") + f",{cents:02d}"


def row(rng: random.Random, number: int) -> list[str]:
    start = dt.date(2022, 1, 1) + dt.timedelta(days=rng.randrange(1_000))
    last = start + dt.timedelta(days=rng.randrange(7, 400))
    return [
        f"S-{number:07d}", cpr(rng), rng.choice(NAMES), rng.choice(UNITS), rng.choice(BENEFITS), rng.choice(TRADES),
        f"{rng.randrange(0, 740) / 20:.2f}".replace(".", ","), f"{start:%d-%m-%Y}",
        f"{last:%d-%m-%Y}" if rng.random() < 0.8 else rng.choice(("", "NULL")), rng.choice(REASONS),
        kroner(rng.randrange(5_000_00, 45_000_00)) if rng.random() < 0.3 else "",
    ]  # fmt: skip


def text_of(rows: list[list[str]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return written.getvalue()


def write_export(target: Path, n: int, seed: int = 1, encoding: str = "cp1252") -> Path:
    rng = random.Random(seed)
    target.write_bytes(text_of([row(rng, number) for number in range(n)]).encode(encoding))
    return target
