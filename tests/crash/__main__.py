"""`python -m tests.crash --kills 200 --seed 1`: real kills. Ends with 1 when a run differs from the clean one."""

import argparse
import sys
import tempfile
from pathlib import Path

from pipelines.crashpoints import CRASH_POINTS
from tests.crash.harness import DifferentError, Harness, plan


def main() -> int:
    """Run the harness; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kerneeffekt-crash-") as folder:
        try:
            harness = Harness(Path(folder), options.seed)
            print(f"the clean run took {harness.clean_s:.1f} s", flush=True)
            while (left := options.kills - sum(harness.kills.values())) > 0:
                harness.run(plan(left, options.seed + sum(harness.kills.values()), harness.clean_s))
        except DifferentError as error:
            print(f"FAILED {error}\nagain: python -m tests.crash --kills {options.kills} --seed {options.seed}", file=sys.stderr)
            return 1
    for point in (*CRASH_POINTS, "at random"):
        print(f"{harness.kills[point]:>5}  {point}")
    never = [point for point in CRASH_POINTS if not harness.kills[point]]
    bound = 3 / max(1, options.kills)
    print(f"{sum(harness.kills.values())} kills, every run as the clean one; bound on the failure rate (95 %): {bound:.2g}")
    if never and options.kills >= len(CRASH_POINTS):
        print(f"FAILED never reached: {', '.join(never)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
