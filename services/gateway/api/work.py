"""Routes of the venue, grants and notify services."""

from contracts.calls import grants, notify, venue
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, create, get, remove

VENUE = blueprint(
    "venue",
    "venue",
    "场所、场地与借用",
    get("/sites", "list_sites", "场所列表", takes=venue.SiteFilter, returns=venue.SitePage),
    create("/sites", "create_site", "登记场所", takes=venue.NewSite, returns=venue.SiteView),
    get("/sites/<uuid:id>", "get_site", "一个场所", returns=venue.SiteView),
    get("/spaces", "list_spaces", "场地列表", takes=venue.SpaceFilter, returns=venue.SpacePage),
    create("/spaces", "create_space", "登记场地", takes=venue.NewSpace, returns=venue.SpaceView),
    get("/spaces/<uuid:id>", "get_space", "一个场地", returns=venue.SpaceView),
    get("/bookings", "list_bookings", "借用列表", takes=venue.BookingFilter, returns=venue.BookingPage),
    create("/bookings", "create_booking", "申请借用", takes=venue.NewBooking, returns=venue.BookingView),
    get("/bookings/<uuid:id>", "get_booking", "一次借用", returns=venue.BookingView),
    act("/bookings/<uuid:id>/approve", "approve_booking", "同意借用", returns=venue.BookingView),
    act(
        "/bookings/<uuid:id>/reject",
        "reject_booking",
        "不同意借用",
        takes=venue.BookingReason,
        returns=venue.BookingView,
    ),
    act(
        "/bookings/<uuid:id>/cancel", "cancel_booking", "取消借用", takes=venue.BookingReason, returns=venue.BookingView
    ),
)

GRANTS = blueprint(
    "grants",
    "grants",
    "社区基金与资助申请",
    get("/funds", "list_funds", "基金列表", takes=Paging, returns=grants.FundPage),
    create("/funds", "create_fund", "设立基金", takes=grants.NewFund, returns=grants.FundView),
    get("/funds/<uuid:id>", "get_fund", "一个基金", returns=grants.FundView),
    get(
        "/applications", "list_applications", "申请列表", takes=grants.ApplicationFilter, returns=grants.ApplicationPage
    ),
    create(
        "/applications", "create_application", "起草申请", takes=grants.NewApplication, returns=grants.ApplicationView
    ),
    get("/applications/<uuid:id>", "get_application", "一份申请", returns=grants.ApplicationView),
    act("/applications/<uuid:id>/submit", "submit_application", "提交申请", returns=grants.ApplicationView),
    act(
        "/applications/<uuid:id>/approve",
        "approve_application",
        "批准申请",
        takes=grants.Approval,
        returns=grants.ApplicationView,
    ),
    act(
        "/applications/<uuid:id>/reject",
        "reject_application",
        "不批准申请",
        takes=grants.Rejection,
        returns=grants.ApplicationView,
    ),
)

NOTIFY = blueprint(
    "notify",
    "messages",
    "消息与通知渠道",
    get("/messages", "list_messages", "我的消息", takes=notify.MessageFilter, returns=notify.MessagePage),
    act("/messages/<uuid:id>/read", "read_message", "标为已读", returns=notify.MessageView),
    get("/channels", "list_channels", "我的通知渠道", takes=Paging, returns=notify.ChannelPage),
    create(
        "/channels",
        "create_channel",
        "增加通知渠道",
        takes=notify.NewChannel,
        returns=notify.ChannelView,
        located=False,
    ),
    remove("/channels/<uuid:id>", "delete_channel", "删除通知渠道"),
)

BLUEPRINTS = (VENUE, GRANTS, NOTIFY)
