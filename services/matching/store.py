"""One open transaction on everything that matching keeps."""

from services.matching.blocks.store import BlockStore
from services.matching.board.store import BoardStore
from services.matching.claims.listings.store import ListingStore
from services.matching.claims.providers.store import ProviderStore
from services.matching.claims.store import ClaimStore
from services.matching.flows.store import FlowStore
from services.matching.matches.store import MatchStore
from services.matching.notes.store import NoteStore
from services.matching.pairings.store import PairingStore
from services.matching.plans.store import PlanStore
from services.matching.records.store import RecordStore
from services.matching.suggestions.store import SuggestionStore
from services.matching.terms.store import TermStore
from services.matching.visits.store import VisitStore
from services.matching.weights.store import WeightStore


class MatchingStore(
    BoardStore,
    SuggestionStore,
    PlanStore,
    MatchStore,
    NoteStore,
    FlowStore,
    ProviderStore,
    ListingStore,
    ClaimStore,
    PairingStore,
    VisitStore,
    TermStore,
    WeightStore,
    BlockStore,
    RecordStore,
):
    """The whole board, its plans and weights, claims, deliveries and pairings."""

    def reseal(self, keyring, limit: int) -> int:
        """Seal anew what an older key sealed, so much at a time; return how many values. Nothing is left at 0."""
        return self.reseal_notes(keyring, limit) + self.reseal_claims(keyring, limit) + self.reseal_words(keyring, limit)


STORE = MatchingStore
