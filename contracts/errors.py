"""Refusals: why a command was not carried out, as a kind and a slug.

The kind becomes an HTTP status and the slug a Chinese sentence, once, in the gateway. A refusal
travels through RPC as its `as_dict`.
"""


class Refusal(Exception):
    """A command or query was refused and nothing was changed.

    `slug` is stable and machine readable; `field` names what the caller should look at; `facts` are
    numbers or words for the sentence shown to people, never private data.
    """

    kind = "refused"

    def __init__(self, slug: str, field: str | None = None, fields: dict | None = None, **facts):
        super().__init__(slug)
        self.slug, self.field, self.fields, self.facts = slug, field, fields or {}, facts

    def as_dict(self) -> dict:
        """Return {"kind", "slug", "field", "fields", "facts"}; fields maps a field to its messages."""
        return {
            "kind": self.kind,
            "slug": self.slug,
            "field": self.field,
            "fields": self.fields,
            "facts": self.facts,
        }

    @staticmethod
    def from_dict(document: dict) -> "Refusal":
        """Return the refusal that `as_dict` described."""
        kind = next(cls for cls in Refusal.__subclasses__() if cls.kind == document["kind"])
        return kind(document["slug"], document["field"], document["fields"], **document["facts"])


class Invalid(Refusal):
    """What was asked for makes no sense, whoever asks and whenever."""

    kind = "invalid"


class NotFound(Refusal):
    """The thing is not there, or not there for this caller."""

    kind = "not_found"


class Conflict(Refusal):
    """It makes sense, but not in the state that things are in."""

    kind = "conflict"


class Forbidden(Refusal):
    """The caller may not do this."""

    kind = "forbidden"


class Late(Refusal):
    """The call came after its deadline; the caller has given up, so nothing was done."""

    kind = "late"
