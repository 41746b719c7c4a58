"""Every error that Kerneeffekt raises on purpose, and the exit code that each branch stands for.

    KerneeffektError                 the run failed                                            exit 1
    ├── ConfigurationError           wrong use or wrong configuration: mend it and start again exit 2
    │   └── CatalogueError           the same, in a catalogue: file, line, key, expected, got
    ├── StoreError                   the store cannot be opened or written                     exit 1
    │   ├── StoreBusyError           another process has the store open                        exit 2
    │   ├── StoreFullError           no space left: nothing of this batch was written          exit 1
    │   ├── StoreMemoryError         the batch needs more memory than the store may use        exit 1
    │   └── OffsetGapError           records are missing before this batch: stop               exit 1
    ├── BrokerError                  the broker is unreachable or answered with an error       exit 1
    │   └── BrokerRefusedError       TLS or the login failed: mend the settings                exit 2
    └── QualityGateError             the last publication stays                                exit 3

Messages say what was wrong, where, what was expected and what to do, and never quote the value of an event.
"""

from dataclasses import dataclass


class KerneeffektError(Exception):
    """The run failed; the message is one clear sentence for the person who started it."""

    exit_code = 1


class ConfigurationError(KerneeffektError):
    """Wrong use or wrong configuration."""

    exit_code = 2


@dataclass(frozen=True)
class CatalogueFault:
    """One fault in a catalogue file: where it is, what was expected, what stood there."""

    file: str
    line: int
    key: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.expected}; got: {self.got}"


class CatalogueError(ConfigurationError):
    """A catalogue (or a mapping) is not valid; carries every fault found, not only the first."""

    def __init__(self, faults: list[CatalogueFault], what: str = "catalogue") -> None:
        self.faults = faults
        super().__init__(f"the {what} is not valid:\n" + "\n".join(f"  {fault}" for fault in faults))


class StoreError(KerneeffektError):
    """The store cannot be opened, read or written."""


class StoreBusyError(StoreError):
    """Another process has the store open."""

    exit_code = 2


class StoreFullError(StoreError):
    """No space left on the store's volume; nothing of the batch was written."""


class StoreMemoryError(StoreError):
    """DuckDB ran out of the memory that it may use; nothing of the batch was written, and a smaller one may fit."""


class OffsetGapError(StoreError):
    """Records are missing between the store's offset and this batch, or the broker no longer has the store's offset."""


class BrokerError(KerneeffektError):
    """The broker cannot be reached or refused."""


class BrokerSilentError(BrokerError):
    """The broker did not say in time what it was asked: nothing is known."""


class BrokerRefusedError(BrokerError):
    """Broker and client do not agree on TLS or on who this is; trying again would not help."""

    exit_code = 2


class QualityGateError(KerneeffektError):
    """The quality gate refused a publication; the last one stays."""

    exit_code = 3
