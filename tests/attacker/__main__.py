"""`python -m tests.attacker --organisations 1000`: prints every disclosure, and exits 1 when there is one."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from pipelines.mart import build_mart
from tests.attacker.attack import attack
from tests.attacker.organisations import AS_OF, town
from tests.factories_mart import Mart


def attacked(seed: int, organisations: int = 10) -> list[str]:
    """Every disclosure of `attacks`, so that another process can be asked for them."""
    return list(attacks(seed, organisations))


def attacks(seed: int, organisations: int) -> Iterator[str]:
    """Disclosures among the organisations of one town, in words, through a real mart."""
    made = town(seed, organisations)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "mart.duckdb"
        build_mart(made.store(Path(folder) / "store.duckdb"), made.catalogue(), target, AS_OF)
        mart = Mart(target)
        try:
            for name in made.organisations:
                yield from (f"town {seed}, k = {made.k}, {name}: {one}" for one in attack(mart, name, made.counts, made.k))
        finally:
            mart.connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.attacker", description=__doc__)
    parser.add_argument("--organisations", type=int, default=1000)
    parser.add_argument("--each", type=int, default=10, help="organisations in one mart")
    parser.add_argument("--first", type=int, default=0, help="seed of the first mart")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + -(-asked.organisations // asked.each))
    disclosures = 0
    with ProcessPoolExecutor(asked.processes) as pool:
        for said in pool.map(partial(attacked, organisations=asked.each), seeds):
            disclosures += len(said)
            sys.stdout.writelines(f"{line}\n" for line in said)
    sys.stdout.write(f"{len(seeds) * asked.each} organisations, {disclosures} disclosures\n")
    return 1 if disclosures else 0


if __name__ == "__main__":
    sys.exit(main())
