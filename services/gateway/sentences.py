"""What people are told: one table from slugs to Chinese sentences, and from fields to their names.

A sentence may use the facts of its refusal in braces; a fact that is not there is shown as "…".
"""

import re
from collections import defaultdict

TITLES = {
    400: "请求无法读取",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的操作",
    409: "与现状冲突",
    413: "内容过大",
    414: "网址过长",
    415: "格式不支持",
    422: "内容有误",
    429: "请求过于频繁",
    431: "请求头过大",
    500: "系统出错",
    503: "服务暂不可用",
}

SENTENCES = {
    # The request itself
    "malformed_request": "请求无法读取，请检查后重试。",
    "malformed_json": "请求内容不是正确的 JSON。",
    "not_utf8": "请求内容不是 UTF-8 编码。",
    "not_an_object": "请求内容应当是一个 JSON 对象。",
    "malformed_form": "上传的表单无法读取。",
    "no_such_page": "没有这个地址。",
    "method_not_allowed": "这个地址不支持该操作。",
    "too_large": "内容太大：一般请求不超过 1 MB，导入文件不超过 8 MB。",
    "address_too_long": "网址太长。",
    "headers_too_large": "请求头太大。",
    "unsupported_media_type": "不支持这种内容类型，请按接口文档提交。",
    "too_many_requests": "尝试次数太多，请过一分钟再试。",
    "internal_error": "系统出了意外错误，已经记录。请稍后再试；若仍不行，请把本页编号告诉运维人员。",
    "unavailable": "服务暂时没有回应，请稍后再试。重试时使用同一个 Idempotency-Key，不会重复登记。",
    "deadline_passed": "系统繁忙，没有在时限内处理，内容没有改动，请再试一次。",
    "too_many_streams": "同时查看实时动态的人太多，请稍后再试。",
    "invalid_fields": "填写的内容有误，请按提示更正。",
    "invalid_id": "编号不正确。",
    "stale_version": "内容已被别人改过，请刷新后再改。",
    # Resource
    "unknown_provider": "没有找到这个提供方。",
    "unknown_offer": "没有找到这项资源。",
    "unknown_need": "没有找到这项需求。",
    "unknown_community": "没有这个社区，请从社区列表中选择。",
    "unknown_category": "没有这个类别，请从类别列表中选择。",
    "unknown_unit": "没有这个单位。",
    "already_withdrawn": "已经撤下了。",
    "provider_withdrawn": "提供方已经撤下，不能再登记它的资源。",
    "unknown_subject": "没有找到这项需求或提供方。",
    "unknown_parent_category": "没有这个上级类别，请先建立上级类别。",
    "community_name_taken": "已有社区用了这个名称。",
    "unreadable_file": "文件无法读取，请存为 CSV（UTF-8 或 GB18030）或 Excel 再试。",
    "empty_file": "文件里没有内容。",
    "too_many_rows": "行数太多，一次最多导入 {most} 行，请分成几个文件。",
    "bad_mapping": "列名对照文件有误，请检查。",
    "no_mapping_fits": "认不出这张表的列名，请附上列名对照文件。",
    "quantity_unknown": "没有写明数量，先按 1 登记，请核实。",
    "category_unclear": "没有认出类别，先归入其他，请核实。",
    # Matching
    "unknown_match": "没有找到这条匹配建议。",
    "match_already_decided": "这条建议已经处理过了，请刷新查看。",
    "need_has_less_left": "需求只剩 {left}，不能匹配更多。",
    "offer_has_less_left": "资源只剩 {left}，不能匹配更多。",
    # Grants
    "unknown_fund": "没有找到这个基金。",
    "unknown_application": "没有找到这份申请。",
    "application_already_submitted": "这份申请已经提交过了。",
    "application_not_submitted": "这份申请不在等待审批的状态。",
    "applicant_or_office_required": "只有申请人或街道办可以提交这份申请。",
    "fund_exhausted": "基金余额不足，目前可用 {available} 元。",
    "more_than_requested": "批准的金额不能超过申请的金额（{requested} 元）。",
    # Venue
    "unknown_site": "没有找到这个场所。",
    "unknown_space": "没有找到这个场地。",
    "unknown_booking": "没有找到这次借用。",
    "booking_already_decided": "这次借用已经处理过了，请刷新查看。",
    "booking_already_closed": "这次借用已经结束或取消了。",
    "booking_is_over": "借用时间已经过去。",
    "too_many_people": "人数超过场地可容纳的 {capacity} 人。",
    "requester_or_keeper_required": "只有申请人或场地管理人员可以取消借用。",
    "space_already_booked": "这个时间段已经有人借用，请换一个时间或场地。",
    # Notify
    "unknown_message": "没有找到这条消息。",
    "unknown_channel": "没有找到这个通知渠道。",
    "no_such_channel": "没有找到这个通知渠道。",
    "channel_known_already": "这个通知渠道已经登记过了。",
    "too_many_channels": "通知渠道最多 {most} 个，请先删除不用的。",
    # Who is calling
    "not_signed_in": "请先登录。",
    "session_ended": "登录已失效，请重新登录。",
    "wrong_username_or_password": "用户名或密码不对。",
    "csrf_token_missing": "页面已过期，请刷新后再试。",
    "not_allowed": "您没有权限进行这项操作。",
    "role_required": "您的角色不能进行这项操作。",
    "community_forbidden": "这不是您负责的社区，不能查看或登记。",
    "last_operator": "这是最后一位运维人员，不能停用或改变角色。",
    "username_taken": "这个用户名已经有人用了。",
    "unknown_user": "没有找到这位用户。",
    "idempotency_key": "Idempotency-Key 应为 1 到 200 个可见的英文字符。",
    "idempotency_key_reused": "这个 Idempotency-Key 已经用于另一次不同的提交，请换一个。",
}

# What is wrong with one field. Slugs of our own, and marshmallow's sentences beside them.
FIELDS = {
    "required": "必须填写",
    "unknown_field": "没有这一项，请检查拼写",
    "null": "不能为空",
    "invalid": "填写有误",
    "not_a_string": "应当是文字",
    "not_an_integer": "应当是整数",
    "not_a_number": "应当是数字",
    "not_a_boolean": "应当是“是”或“否”",
    "not_a_list": "应当是一个列表",
    "not_an_id": "不是正确的编号",
    "not_a_moment": "应当是带时区的时间，例如 2026-03-01T09:00:00+08:00",
    "repeated": "只能出现一次",
    "range": "超出允许的范围",
    "length": "长度不在允许的范围内",
    "code": "代码只能用小写字母、数字、点和下划线，以字母开头",
    "money": "应当是金额，例如 1200.50，最多两位小数",
    "one_of": "不在可选范围内",
    "username": "用户名应为 2 到 32 个小写字母、数字、点、横线或下划线，以字母开头",
    "weak_password": "密码至少 10 个字符",
    "control_characters": "含有不能使用的控制字符",
    "private_data_in_public_text": "这里会公开显示，不能出现手机号或身份证号",
    "ends_before_it_starts": "结束时间应晚于开始时间",
    "unknown_event_type": "没有这种事件",
    "file_missing": "请选择要导入的文件",
    "invalid_phone": "不是正确的电话号码",
    "starts_in_the_past": "开始时间已经过去",
    "booking_too_long": "一次最多借用 {days} 天",
    "channel_not_allowed": "不支持这种通知地址",
    "channel_option_not_allowed": "通知地址里有不允许的选项",
}

_MARSHMALLOW = {
    "Missing data for required field.": "required",
    "Unknown field.": "unknown_field",
    "Field may not be null.": "null",
    "Not a valid string.": "not_a_string",
    "Not a valid integer.": "not_an_integer",
    "Not a valid number.": "not_a_number",
    "Not a valid boolean.": "not_a_boolean",
    "Not a valid list.": "not_a_list",
    "Not a valid UUID.": "not_an_id",
    "Not a valid aware datetime.": "not_a_moment",
    "Not a valid datetime.": "not_a_moment",
}

LABELS = {
    "": "",
    "title": "标题",
    "details": "详情",
    "community": "社区",
    "serves": "可服务的社区",
    "category": "类别",
    "quantity": "数量",
    "unit": "单位",
    "starts_at": "开始时间",
    "ends_at": "结束时间",
    "target_group": "服务对象",
    "target_groups": "服务对象",
    "urgency": "紧急程度",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "contact_address": "联系地址",
    "name": "名称",
    "kind": "种类",
    "provider_id": "提供方",
    "purpose": "用途",
    "reason": "原因",
    "amount": "金额",
    "requested": "申请金额",
    "fund_id": "基金",
    "site_id": "场所",
    "space_id": "场地",
    "people": "人数",
    "capacity": "容纳人数",
    "address": "地址",
    "url": "通知地址",
    "file": "文件",
    "mapping": "列名对照",
    "code": "代码",
    "synonyms": "别名",
    "version": "版本",
    "username": "用户名",
    "password": "密码",
    "display_name": "姓名",
    "roles": "角色",
    "communities": "负责社区",
    "active": "启用",
    "limit": "每页条数",
    "after": "翻页位置",
}


def sentence(slug: str, facts: dict | None = None) -> str:
    """Return the sentence for a slug; one that is missing here still gives an understandable answer."""
    text = SENTENCES.get(slug) or FIELDS.get(slug) or "没有完成：" + slug + "。"
    known = defaultdict(lambda: "…", {name: str(value) for name, value in (facts or {}).items()})
    return text.format_map(known)


def message_of(text: str) -> tuple[str, str]:
    """Return the slug and the Chinese message for one of marshmallow's messages."""
    slug = _MARSHMALLOW.get(text)
    if slug is None:
        slug = text if re.fullmatch(r"[a-z][a-z0-9_]*", text) else "invalid"
    return slug, FIELDS.get(slug) or sentence(slug)
