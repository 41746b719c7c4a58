"""What follows a publication: the same in PostgreSQL, and old publications out of the way."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from models.errors import StoreBusyError
from pipelines.postgres import Target, publish_to_postgres
from pipelines.publish import Publication
from pipelines.retention import prune


@dataclass(frozen=True)
class After:
    """What to do once a version is current.

    to          the folder of publications
    target      PostgreSQL; None: nothing goes there
    keep_days   days for which a publication stays readable; None: for ever
    """

    to: Path
    target: Target | None = None
    keep_days: int | None = None

    def check(self) -> None:
        """Find a wrong address before the minutes that a mart takes; raises ConfigurationError."""
        if self.target is not None:
            self.target.parameters()

    def run(self, made: Publication) -> None:
        """Do it. The publication in the folder stands, whatever happens here; errors as in `publish_to_postgres`."""
        if self.target is not None:
            publish_to_postgres(made.folder, self.target)
        if self.keep_days is not None:
            try:
                prune(self.to, self.keep_days, dt.datetime.now(dt.UTC))
            except StoreBusyError:
                return  # another publisher has begun already, and will prune when it is done
