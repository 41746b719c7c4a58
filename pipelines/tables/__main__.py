"""`python -m pipelines.tables > docs/tables.md`."""

import sys

from pipelines.tables.page import markdown

sys.stdout.write(markdown())
