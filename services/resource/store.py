"""One open transaction on everything that the resource library keeps."""

from services.resource.clients.store import ClientStore
from services.resource.duplicates.store import DuplicateStore
from services.resource.honours.store import HonourStore
from services.resource.lists.store import ListStore
from services.resource.needs.store import NeedStore
from services.resource.offers.store import OfferStore
from services.resource.private.store import PrivateStore
from services.resource.providers.store import ProviderStore
from services.resource.search.store import SearchStore
from services.resource.stock.store import StockStore
from services.resource.words.store import WordStore


class ResourceStore(
    ListStore,
    ProviderStore,
    OfferStore,
    ClientStore,
    NeedStore,
    DuplicateStore,
    PrivateStore,
    WordStore,
    StockStore,
    SearchStore,
    HonourStore,
):
    """The whole library."""


STORE = ResourceStore
