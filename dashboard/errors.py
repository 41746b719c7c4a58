"""What can go wrong between a reader and a publication, each with the HTTP status that says so."""

from models.errors import ConfigurationError, KerneeffektError


class PublishedFolderError(ConfigurationError):
    """The published folder is missing or is not a folder; said once, before the server starts."""


class ReaderError(KerneeffektError):
    """A request cannot be answered. The message is written for the reader; `key` is its entry in the text table."""

    status = 400

    def __init__(self, message: str, key: str = "error.bad_request", **values: object) -> None:
        super().__init__(message)
        self.key = key
        self.values = values


class NotPublishedError(ReaderError):
    """There is no such page, table, core task, indicator or unit in this publication."""

    status = 404


class NoPublicationError(ReaderError):
    """Nothing has been published yet, or what CURRENT names cannot be opened."""

    status = 503


class TooSlowError(ReaderError):
    """The query was stopped at the time limit."""

    status = 503
