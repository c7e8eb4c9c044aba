"""Calls of the notify service. The recipient is always the caller."""

from marshmallow import fields

from contracts.fields import Call, Id, Moment, Paging, Private, Truth, View, page_of


class MessageFilter(Paging):
    unread = Truth(load_default=False, metadata={"description": "only what was not read yet"})


class MessageView(View):
    id = Id(required=True)
    kind = fields.String(required=True, metadata={"description": "type of the event that the message is about"})
    about = fields.String(required=True, metadata={"description": "id of the thing that the message is about"})
    title = fields.String(required=True)
    body = fields.String(required=True)
    created_at = Moment(required=True)
    read_at = Moment(required=True, allow_none=True)


class NewChannel(Call):
    url = Private(
        required=True, most=500, metadata={"description": "an Apprise address, such as mailto:// or wecombot://"}
    )


class ChannelView(View):
    id = Id(required=True)
    kind = fields.String(required=True, metadata={"description": "what the address begins with"})
    created_at = Moment(required=True)


MessagePage, ChannelPage = map(page_of, (MessageView, ChannelView))
