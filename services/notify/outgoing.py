"""The way out, through Apprise: which addresses are taken, and one try to send a message to one.

Only the plugins in KINDS are ever imported, and these only when there is an address to look at: all
of Apprise costs 20 MB more, and has plugins that run programs or write files. Nothing that Apprise
or urllib3 logs comes through, because it names addresses, which are secrets.
"""

import importlib
import logging
import re
from contextvars import ContextVar
from functools import cache

import eventlet

from contracts.errors import Invalid

# What an address may begin with, and the plugin that this means.
KINDS = {
    "bark": "bark.NotifyBark",
    "barks": "bark.NotifyBark",
    "dingtalk": "dingtalk.NotifyDingTalk",
    "feishu": "feishu.NotifyFeishu",
    "json": "custom_json.NotifyJSON",
    "jsons": "custom_json.NotifyJSON",
    "mailto": "email.NotifyEmail",
    "mailtos": "email.NotifyEmail",
    "pushplus": "pushplus.NotifyPushplus",
    "schan": "serverchan.NotifyServerChan",
    "wecombot": "wecombot.NotifyWeComBot",
}

# How the address of a group's bot begins where people copy it from, and the kind that it is.
WEBHOOKS = {
    "https://oapi.dingtalk.com/robot/send?access_token=": "dingtalk",
    "https://open.feishu.cn/open-apis/bot/v2/hook/": "feishu",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=": "wecombot",
}

# Options of an address that would let it read files, or send something else than messages.
UNSAFE_OPTIONS = {"method", "pgp", "pgpprv", "pgppub", "redirect", "store", "wkd"}

# These answer 200 whatever becomes of the message, and Apprise looks no further; the code is in the answer.
ANSWERS_200 = ("dingtalk", "feishu", "schan", "wecombot")

TRY_SECONDS = 10
SOCKET_SECONDS = 5

_status: ContextVar[str | None] = ContextVar("status", default=None)


def address(text: str) -> tuple[str, str]:
    """Return (kind, Apprise address) for an address as people give it.

    Raises Invalid where messages cannot be sent there.
    """
    for prefix, kind in WEBHOOKS.items():
        if text.startswith(prefix):
            text = f"{kind}://{text.removeprefix(prefix)}"
    kind, separator, _ = text.partition("://")
    if not separator or kind not in KINDS:
        raise Invalid("channel_not_allowed", "url", kinds=", ".join(sorted(KINDS)))
    _plugin(kind, text)
    return kind, text


def send(kind: str, url: str, title: str, body: str) -> str | None:
    """Try to send a message once; return why it was not taken, as a slug without private data, or none."""
    with eventlet.Timeout(TRY_SECONDS, False):
        return _send(kind, url, title, body)
    return "timed_out"


def _send(kind, url, title, body):
    status = _status.set(None)
    try:
        taken = _plugin(kind, url).notify(title=title, body=body, body_format="text")
        return _status.get() or (None if taken else "not_taken")
    except Invalid as refusal:
        return refusal.slug
    except Exception as error:
        return f"failed_{type(error).__name__}"
    finally:
        _status.reset(status)


def _plugin(kind: str, url: str):
    plugin_class, asset = _load(kind)
    parts = _or_none(lambda: plugin_class.parse_url(url))
    if parts and UNSAFE_OPTIONS & set(parts["qsd"]):
        raise Invalid("channel_option_not_allowed", "url", options=", ".join(sorted(UNSAFE_OPTIONS)))
    plugin = _or_none(lambda: plugin_class(**{**parts, "asset": asset}))
    if plugin is None:
        raise Invalid("unknown_channel", "url")
    plugin.socket_connect_timeout = plugin.socket_read_timeout = SOCKET_SECONDS
    return plugin


def _or_none(make):
    """Return what is made, or none where that fails: plugins raise what they like, with the address in it."""
    try:
        return make()
    except Exception:
        return None


@cache
def _load(kind: str):
    """Return the plugin behind a kind of address, and what is the same for all of them."""
    from apprise import AppriseAsset

    logging.getLogger("apprise").setLevel(logging.WARNING)
    logging.getLogger("apprise").filters[:] = [_keep_the_status]
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    module_name, class_name = KINDS[kind].split(".")
    module = importlib.import_module(f"apprise.plugins.{module_name}")
    if kind in ANSWERS_200:
        module.requests = _Requests()
    return getattr(module, class_name), AppriseAsset(app_id="Jinlin", app_desc="近邻", app_url="", http_redirects=False)


def _keep_the_status(record: logging.LogRecord) -> bool:
    """Let nothing through; keep the status code that a plugin logs and tells in no other way."""
    found = re.search(r"\berror=(\d{3})\b", record.getMessage())
    if found:
        _status.set(f"status_{found[1]}")
    return False


class _Requests:
    """The `requests` module as a plugin sees it, which keeps the code that an answer has in its body."""

    def __getattr__(self, name):
        import requests

        return getattr(requests, name)

    def post(self, *args, **options):
        import requests

        response = requests.post(*args, **options)
        try:
            answer = response.json()
            code = int(answer.get("errcode", answer.get("code", 0)))
        except (ValueError, TypeError, AttributeError):
            code = "unreadable"
        if response.ok and code != 0:
            _status.set(f"answered_{code}")
        return response
