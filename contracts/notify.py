"""Events of the notify service: who was told what."""

from typing import Annotated

from contracts.base import Event, event
from contracts.words import MessageId, UserId


@event("notify", "message.sent.v1", subject="message_id", public=False, heard=False)
class MessageSent(Event):
    """A message is in somebody's inbox."""

    message_id: MessageId
    recipient: Annotated[UserId, "whose inbox"]
    kind: Annotated[str, "type of the event that the message is about"]
    title: Annotated[str, "the message's first line, in Chinese, without private data"]
    about: Annotated[str, "id of the thing that the message is about"]
