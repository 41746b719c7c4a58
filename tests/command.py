"""The real command line, run as a process."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent


def kerneeffekt(*arguments: object, timeout: float = 300, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `kerneeffekt ARGUMENTS` in the project's folder and return what it said."""
    command = [str(Path(sys.executable).with_name("kerneeffekt")), *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=timeout, check=False, env=os.environ | environment)
