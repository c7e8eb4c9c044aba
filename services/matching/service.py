"""The matching service, put together from its features: one folder each, listed in docs/architecture.md."""

from chassis.dependencies import Database, Keys
from chassis.health import Health
from services.matching.blocks.service import Blocks
from services.matching.board.service import Board
from services.matching.claims.listings.service import Listings
from services.matching.claims.service import Claims
from services.matching.flows.service import Flows
from services.matching.matches.outcomes import Outcomes
from services.matching.matches.service import Matches
from services.matching.notes.service import Notes
from services.matching.pairings.service import Pairings
from services.matching.plans.service import Plans
from services.matching.records.service import Records
from services.matching.store import MatchingStore
from services.matching.suggestions.service import Suggestions
from services.matching.terms.service import Terms
from services.matching.visits.duties import Duties
from services.matching.visits.service import Visits
from services.matching.weights.service import Weights


class MatchingService(
    Board,
    Matches,
    Outcomes,
    Notes,
    Flows,
    Listings,
    Claims,
    Pairings,
    Visits,
    Duties,
    Suggestions,
    Plans,
    Terms,
    Weights,
    Blocks,
    Records,
):
    """See services/matching/__init__.py."""

    name = "matching"

    db = Database(MatchingStore)
    keyring = Keys()
    health = Health()
