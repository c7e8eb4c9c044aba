"""Commands and queries about what was written about matches."""

import uuid_utils

from chassis.listen import listen
from chassis.rpc import command, query
from contracts.calls.matching import matches as calls
from contracts.fields import Paging
from contracts.resource import ClientForgotten
from services.matching.access import STAFF
from services.matching.matches.service import visible

ABOUT = {"note": "note", "recipient_comment": "recipient", "provider_comment": "provider"}


class Notes:
    """Shown with a purpose, on record."""

    @command(takes=calls.MatchReveal, returns=calls.MatchNotesView, roles=STAFF)
    def reveal_match_note(self, store, id, purpose):
        """Show what was written about a match to the caller; that it was shown is on record."""
        visible(store, id)
        record = store.record_match_reveal(str(uuid_utils.uuid7()), id, purpose, store.caller.id)
        sealed = store.written_about(id)
        return record | {
            name: self.keyring.open(sealed[name], f"match/{id}/{about}") if sealed[name] else None
            for name, about in ABOUT.items()
        }

    @query(takes=Paging, returns=calls.MatchRevealPage, roles=STAFF)
    def list_match_reveals(self, store, id, **paging):
        visible(store, id)
        return store.match_reveals(id, **paging)

    @listen(ClientForgotten)
    def on_client_forgotten_blank_notes(self, event, store):
        store.blank_notes_on(event.client_id)
