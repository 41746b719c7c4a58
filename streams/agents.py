"""The agents: each takes the record batches of one event family and puts them on the inbox. No rules here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from streams.batches import BatchQueue, RecordBatch
from streams.halt import INFRASTRUCTURE_FAILED, Halt


class Event(Protocol):
    """A Faust event whose value is a record batch."""

    value: RecordBatch


class Events(Protocol):
    """A Faust stream, as far as the agents use it."""

    def events(self) -> AsyncIterator[Event]:
        """The events of the stream."""
        ...


def record_events(inbox: BatchQueue, halt: Halt) -> Callable[[Any], Awaitable[None]]:
    """An agent that hands over each batch.

    Waits while the inbox is full, which slows the fetching down. Faust counts a message as done even when its agent raised, and restarts
    the agent behind it; so nothing may be raised here: whatever goes wrong ends the process, and the store's offsets say where to go on.
    """

    async def hand_over(stream: Events) -> None:
        try:
            async for event in stream.events():
                await inbox.put(event.value)
        except Exception as error:  # noqa: BLE001 - see above
            halt(INFRASTRUCTURE_FAILED, f"a record batch could not be handed over ({type(error).__name__}); start the worker again")

    return hand_over
