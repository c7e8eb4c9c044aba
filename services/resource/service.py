"""The resource service, put together from its features: one folder each, listed in docs/architecture.md."""

from chassis.dependencies import Database, Keys
from chassis.health import Health
from services.resource.clients.assessments import Assessments
from services.resource.clients.consents import Consents
from services.resource.clients.service import Clients
from services.resource.duplicates.service import Duplicates
from services.resource.honours.service import Honours
from services.resource.lists.service import Lists
from services.resource.needs.course import NeedsCourse
from services.resource.needs.service import Needs
from services.resource.offers.service import Offers
from services.resource.private.grants import ContactGrants
from services.resource.private.service import PrivateData
from services.resource.providers.service import Providers
from services.resource.search.service import Search
from services.resource.stock.service import Stock
from services.resource.store import ResourceStore
from services.resource.words.service import Words


class ResourceService(
    Providers,
    Offers,
    Stock,
    Clients,
    Consents,
    Assessments,
    Needs,
    NeedsCourse,
    Duplicates,
    PrivateData,
    ContactGrants,
    Words,
    Search,
    Lists,
    Honours,
):
    """See services/resource/__init__.py."""

    name = "resource"

    db = Database(ResourceStore)
    keyring = Keys(index=True)
    health = Health()
