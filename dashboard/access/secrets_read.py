"""Secrets: from a file that only its owner can read, or from the environment. Never from the command line, never with a default."""

import os
from pathlib import Path

from models.errors import ConfigurationError

READABLE_BY_OTHERS = 0o007


def read_secret(what: str, file: Path | None, variable: str, *, least_bytes: int = 1) -> bytes | None:
    """The secret, without the blanks around it; None when neither a file nor the variable gives one.

    what     in words, for the message
    raises   ConfigurationError for a file that is missing, too short, or readable by everybody. The secret is never repeated
    """
    if file is None:
        text = os.environ.get(variable, "").strip().encode()
        return _long_enough(what, text, f"the environment variable {variable}", least_bytes) if text else None
    try:
        mode, content = file.stat().st_mode, file.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(f"{what} cannot be read from {file}: {error.strerror}; expected a file with it, mode 0600") from None
    if mode & READABLE_BY_OTHERS:
        raise ConfigurationError(f"{what} in {file} can be read by everybody on this machine; expected mode 0600: run `chmod 600` on it")
    return _long_enough(what, content, str(file), least_bytes)


def _long_enough(what: str, secret: bytes, where: str, least_bytes: int) -> bytes:
    if len(secret) < least_bytes:
        raise ConfigurationError(f"{what} in {where} is too short; expected at least {least_bytes} bytes, such as `openssl rand -hex 32`")
    return secret
