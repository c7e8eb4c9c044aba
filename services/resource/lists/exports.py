"""Needs, offers and providers go out as tables that can come in again."""

import base64
import time
from datetime import datetime

from contracts.calls.resource.offers import WITHOUT_QUANTITY
from contracts.errors import Invalid
from contracts.fields import STATION_TIME
from services.resource.clients.domain import Client
from services.resource.ids import new_id
from services.resource.lists import sheets
from services.resource.lists.checking import ID, KINDS
from services.resource.lists.sheets import Column, Words, columns_of
from services.resource.needs.service import Needs
from services.resource.offers.service import Offers
from services.resource.private import domain as private_data
from services.resource.providers.domain import Provider
from services.resource.providers.service import Providers

PAGE = 500
MOST_ROWS = 50_000
MOST_BYTES = 8_000_000  # sealed, it must fit into one message
LISTS = {"needs": Needs.list_needs.spec, "offers": Offers.list_offers.spec, "providers": Providers.list_providers.spec}
# What is shown but not read: who changes a state does it by a decision.
STATE = Column("状态", "state", False, {"有效": "active", "进行中": "open", "已撤下": "withdrawn", "草稿": "draft", "部分满足": "partly_met",
    "已满足": "met", "已取消": "cancelled", "已过期": "lapsed", "已核实": "verified", "暂停": "paused", "已退出": "left", "待上架": "held",
    "已用完": "used_up", "已到期": "expired"}, False, False)  # fmt: skip
ENTERED = Column("登记时间", "created_at", False, {}, False, False)


def export(service, store, kind: str, format: str, filters: dict, purpose: str | None = None) -> dict:
    """Return all that the filters leave, as a file; with private data where a purpose is given, each on record.

    Raises Invalid where it is too much for one file.
    """
    words = Words(store.communities(), store.categories())
    columns = [column for column in columns_of(kind) if purpose or not column.private]
    shown = [*columns, STATE, ENTERED]
    count = [0]
    rows = _rows(service, store, kind, filters, purpose, words, shown, count)
    heading = [ID, *(column.name for column in shown)]
    content = sheets.as_csv(heading, rows) if format == "csv" else sheets.as_xlsx(sheets.SHEETS[kind], heading, rows)
    if len(content) > MOST_BYTES:
        raise Invalid("too_much_to_export", most=MOST_ROWS)
    day = datetime.now(STATION_TIME)
    name = f"{sheets.SHEETS[kind]}{'（含联系方式）' if purpose else ''}-{day:%Y%m%d}.{format}"
    return {"filename": name, "content": base64.b64encode(content).decode(), "rows": count[0]}


def _rows(service, store, kind, filters, purpose, words, columns, count):
    """Yield the cells of each row, page by page."""
    after = None
    while True:
        page = LISTS[kind].method(service, store, **filters, after=after, limit=PAGE)
        things = page["items"]
        ids = [str(thing["id"]) for thing in things]
        count[0] += len(things)
        if count[0] > MOST_ROWS:
            raise Invalid("too_much_to_export", most=MOST_ROWS)
        private = _revealed(service, store, kind, things, purpose) if purpose and ids else {}
        providers = {}
        if kind == "offers" and things:
            providers = store.things(Provider, sorted({str(thing["provider_id"]) for thing in things}))
        for id, thing in zip(ids, things, strict=True):
            known = {**thing, **private.get(id, {})}
            if known.get("form") in WITHOUT_QUANTITY:
                known["quantity"] = None
            provider = vars(providers[str(thing["provider_id"])]) if providers else {}
            yield [id, *(words.cell(c, (provider if c.of_provider else known).get(c.field)) for c in columns)]
        time.sleep(0)  # let other calls of this process go on
        after = page["next"]
        if after is None:
            return


def _revealed(service, store, kind, things, purpose) -> dict[str, dict]:
    """Return the private data of things by their ids; that they were shown is on record for each that has any."""
    found = _opened(service, store, KINDS[kind], [str(thing["id"]) for thing in things])
    if kind == "needs":
        of = {str(thing["id"]): str(thing["client_id"]) for thing in things if thing["client_id"]}
        clients = _opened(service, store, Client, sorted(set(of.values())))
        for id, client_id in of.items():
            found[id] |= {name: value for name, value in clients[client_id].items() if value}
    places = {str(thing["id"]): thing["community"] for thing in things}
    shown = [(new_id(), id, places[id]) for id, private in found.items() if any(private.values())]
    store.record_reveals(shown, purpose, store.caller.id)
    return found


def _opened(service, store, kind, ids) -> dict[str, dict]:
    subject = kind.__name__.lower()
    return {
        row["id"]: private_data.unseal(service.keyring, f"{subject}/{row['id']}", row)
        for row in store.sealed(kind, ids)
    }
