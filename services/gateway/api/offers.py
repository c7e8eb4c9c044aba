"""Routes of the resource service: offers."""

from contracts.calls.resource import offers, stock, words
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, change, create, get

OFFERS = blueprint(
    "resource",
    "offers",
    "资源：提供方能拿出来的",
    get("/offers", "list_offers", "资源列表", takes=offers.OfferFilter, returns=offers.OfferPage),
    create("/offers", "create_offer", "登记资源", takes=offers.NewOffer, returns=offers.OfferView),
    get("/offers/<uuid:id>", "get_offer", "一项资源", returns=offers.OfferView),
    change("/offers/<uuid:id>", "change_offer", "更改资源", takes=offers.OfferChange, returns=offers.OfferView),
    act("/offers/<uuid:id>/withdraw", "withdraw_offer", "撤下资源", takes=words.Withdrawal, returns=offers.OfferView),
    get(
        "/offers/<uuid:id>/times",
        "get_offer_times",
        "资源的可用时段与名额",
        takes=offers.Days,
        returns=offers.OfferTimes,
    ),
    act(
        "/offers/<uuid:id>/receive",
        "receive_stock",
        "入库（含退回）",
        takes=stock.StockReceived,
        returns=offers.OfferView,
    ),
    act("/offers/<uuid:id>/correct", "correct_stock", "盘点更正", takes=stock.StockCounted, returns=offers.OfferView),
    act(
        "/offers/<uuid:id>/write-off", "write_off_stock", "报损", takes=stock.StockWrittenOff, returns=offers.OfferView
    ),
    get("/offers/<uuid:id>/movements", "list_stock_movements", "出入库流水", takes=Paging, returns=stock.MovementPage),
    get("/offers/<uuid:id>/stock", "reconcile_stock", "对账：流水与结存", returns=stock.Reconciliation),
)
