"""Chat, decoded from the message event stream."""

from dataclasses import dataclass
from typing import Final

from sc2_pipeline.replay_format.game_events.schema import message_decoder
from sc2_pipeline.replay_format.game_events.streams import StreamReading, decoded_stream
from sc2_pipeline.storable import text_of

MESSAGES_MEMBER: Final = "replay.message.events"

MAX_MESSAGES_BYTES: Final = 2**20
"""Real replays have some 1,000."""

RECIPIENTS: Final = ("all", "allies", "individual", "battlenet", "observers")
"""Recipients by their number in the stream (sc2reader, ChatEvent, and s2protocol's m_recipient)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One line of chat."""

    event_index: int
    """Place in the message stream, from 0, pings and loading progress counted."""
    game_loop: int
    user_id: int
    recipient: str | None
    """One of RECIPIENTS; None for a number that has no name."""
    text: str
    """Bytes that are not UTF-8 are replaced by U+FFFD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """All chat of a replay."""

    reading: StreamReading
    chat: list[ChatMessage]


def decode_messages(data: bytes, base_build: int) -> Messages:
    """The chat in ``data``, the content of MESSAGES_MEMBER.

    Never raises, whatever the bytes: ``reading`` says how far they were read and with which build's schema.
    """
    stream = decoded_stream(data, base_build, message_decoder)
    return Messages(reading=stream.reading, chat=[_chat_message(*row) for row in stream.log])


def _chat_message(
    event_index: int, game_loop: int, user_id: int, _event: int, recipient: int, text: bytes
) -> ChatMessage:
    return ChatMessage(
        event_index=event_index,
        game_loop=game_loop,
        user_id=user_id,
        recipient=RECIPIENTS[recipient] if recipient < len(RECIPIENTS) else None,
        text=text_of(text),
    )
