"""Workbooks to be filled in: drop-downs from the live words, notes on the headings, and a guide with an example."""

import io
from datetime import date, timedelta

import xlsxwriter

from services.resource.lists.sheets import SHEETS, WIDTHS, Words, columns_of

ROWS = 20_000
UNITS = ("个", "件", "部", "袋", "箱", "份", "套", "次", "人", "小时", "元")

NOTES = {
    "提供方": "提供方的名称。已登记过的会按名称认出，没有登记过的会一并登记。个人请不要写全名。",
    "提供方类型": "从列表中选择。",
    "名称": "对外显示的名称，最多 80 字。个人请不要写全名。",
    "标题": "简短写明内容，最多 80 字。标题会公开显示，不能写姓名、电话、身份证号。",
    "社区": "从列表中选择；面向全街道的选“江头街道（全街道）”。",
    "类别": "从列表中选择；也可以写原话，预览时会推荐类别和把握，请核实；留空先归入其他，再由社工确认。",
    "数量": "整数，至少为 1；岗位和不限量的资源不填。",
    "单位": "如 件、袋、次；也可以写列表里没有的。资源与需求的单位相同才会互相匹配。",
    "开始时间": "如 2026-03-01 或 2026-03-01 09:00，可以留空。",
    "结束时间": "如 2026-03-31（含当天）或 2026-03-31 18:00，可以留空。",
    "人群": "从列表中选择，留空为普通居民。",
    "紧急程度": "从列表中选择，留空为一般。",
    "资源形式": "从列表中选择，留空为实物（发完为止）。按时段的服务和场地请写时间表，按日期的岗位请写场次，岗位和不限量的不写数量。",
    "时间表": "按时段的服务、场地每周的时间，如 周一至周五 09:00-11:00；周六 14:00-16:00。其他形式不填。",
    "场次": "岗位的日期和名额，如 2027-03-08 09:00-12:00 4人；2027-03-15 09:00-12:00 6人。按时段的服务、场地也可以另加。",
    "停用日": "时间表不作数的日子，如 2027-02-16至2027-02-22、2027-10-01。可以留空。",
    "周期": "资源形式为“实物（每期都有）”时填写。",
    "资金用途": "资源形式为“资金”时填写，单位写“元”。会公开显示。",
    "可服务社区": "可以写几个，中间用顿号分开；留空为所有社区。",
    "服务对象": "可以写几个，中间用顿号分开；留空为所有人。",
    "交通费": "由谁承担，可以留空。",
    "条件": "其他需要说明的条件。会公开显示，不能写姓名、电话。",
    "有效期至": "实物最后一天还能用的日期，如 2026-12-31，可以留空；过了这一天自动下架。",
    "来源": "从列表中选择，可以留空。",
    "对象类型": "从列表中选择，留空为个人。",
    "出生日期": "个人的出生日期，如 2015-06-01，可以留空。未满 14 周岁的先登记为草稿，监护人同意后才能发布。加密保存。",
    "监护人": "未成年人的监护人。加密保存。",
    "监护人电话": "加密保存。",
    "机构全称": "登记证上的全称；个人不填。",
    "统一社会信用代码": "18 位，会核对校验码；个人不填。",
    "通知内容": "对方愿意收到什么，可以写几个，中间用顿号分开。",
    "通知方式": "怎样告诉对方，可以写几个，中间用顿号分开。",
    "同意公开名称": "是或否，留空为否。",
    "联系人": "加密保存，只在查看时按用途显示并留下记录。",
    "电话": "手机或带区号的固定电话。加密保存。",
    "地址": "加密保存。",
    "说明": "只给经办人看的情况说明，最多 1000 字。加密保存。",
}
EXAMPLES = {
    "提供方": "好邻居超市", "提供方类型": "爱心商家", "名称": "好邻居超市", "单位": "袋", "数量": 2,
    "标题": "大米两袋", "人群": "独居老人", "紧急程度": "较急",
    "资源形式": "实物（发完为止）", "可服务社区": "江头社区、吕厝社区", "服务对象": "低保、独居老人", "交通费": "提供方承担",
    "来源": "热线", "对象类型": "个人", "出生日期": "1948-05-06", "监护人": "陈女士", "监护人电话": "13900000000",
    "机构全称": "厦门好邻居超市有限公司", "统一社会信用代码": "91350200MA2XN8K317", "通知内容": "认领、提醒", "通知方式": "电话、微信",
    "同意公开名称": "是", "条件": "需到店自取", "联系人": "欧阳女士", "电话": "13800000000", "地址": "江头东路 5 号", "说明": "行动不便，请先打电话",
}  # fmt: skip
# Days that are to come whenever the guide is made: so many after it.
DAYS = {"开始时间": 7, "结束时间": 37, "有效期至": 400}
GUIDE = (
    "每行一项，从第二行开始填写；不要改动第一行的列名，列的顺序可以调换，不用的列可以删去。",
    "带 * 说明的列必须填写；有下拉列表的列请从列表中选择。",
    "上传后先看预览：每行会标明新增、更改、无变化、重复或有误，并指出是哪一格、为什么。",
    "确认后一次全部登记；登记错了，七天之内可以整批撤回。",
    "要修改已登记的内容，请先导出，改好后连同“编号”一列再上传。",
    "以 =、+、-、@ 开头的内容按文字处理，不会当作公式。",
    "一次最多 50000 行，文件不超过 8 MB。",
)


def examples(today: date) -> dict[str, object]:
    """Return what may stand in each column."""
    return EXAMPLES | {name: (today + timedelta(days=days)).isoformat() for name, days in DAYS.items()}


def template(kind: str, words: Words, today: date) -> bytes:
    """Return the workbook to be filled in for a kind of list."""
    buffer, columns = io.BytesIO(), columns_of(kind)
    # Text that begins with = is text, in a guide too.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        must, may = (book.add_format({"bold": True, "bg_color": color}) for color in ("#F7D9C4", "#E8F1EC"))
        plain, wrapped = book.add_format({"num_format": 49}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet, guide, lists = (book.add_worksheet(name) for name in (SHEETS[kind], "说明", "词表"))
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            note = NOTES.get(column.name, "")
            sheet.set_column(number, number, WIDTHS.get(column.name, 12), None if column.field == "quantity" else plain)
            sheet.write_string(0, number, column.name, must if column.required else may)
            sheet.write_comment(0, number, ("* 必须填写。" if column.required else "") + note, {"x_scale": 2})
            _offer_choices(sheet, lists, number, column, UNITS if column.field == "unit" else words.choices(column))
        lists.hide()
        _write_guide(guide, columns, words, examples(today), must, wrapped)
    return buffer.getvalue()


def _offer_choices(sheet, lists, number, column, choices):
    if column.field == "quantity":
        whole = {"validate": "integer", "criteria": ">=", "value": 1, "ignore_blank": True}
        sheet.data_validation(1, number, ROWS, number, whole | {"error_title": "数量", "error_message": "请填写整数。"})
    if not choices:
        return
    lists.write_string(0, number, column.name)
    for row, choice in enumerate(choices, start=1):
        lists.write_string(row, number, choice)
    letter = _letter(number)
    sheet.data_validation(
        1, number, ROWS, number,
        {
            "validate": "list",
            "source": f"='词表'!${letter}$2:${letter}${len(choices) + 1}",
            "ignore_blank": True,
            # Where more than the list is allowed, Excel only remarks on it.
            "error_type": "information" if column.many or column.field in ("unit", "category") else "stop",
            "error_title": column.name,
            "error_message": "请从列表中选择。",
        },
    )  # fmt: skip


def _write_guide(guide, columns, words, shown, bold, wrapped):
    guide.set_column(0, 0, 16)
    guide.set_column(1, 1, 70)
    guide.set_column(2, 2, 30)
    for row, line in enumerate(GUIDE):
        guide.write_string(row, 0, f"{row + 1}.")
        guide.write_string(row, 1, line, wrapped)
    first = len(GUIDE) + 1
    for at, name in enumerate(("列名", "怎样填写", "例子")):
        guide.write_string(first, at, name, bold)
    for row, column in enumerate(columns, start=first + 1):
        guide.write_string(row, 0, column.name + ("*" if column.required else ""))
        guide.write_string(row, 1, NOTES.get(column.name, ""), wrapped)
        guide.write_string(row, 2, str(shown.get(column.name) or next(iter(words.choices(column)), "")))


def _letter(number: int) -> str:
    return xlsxwriter.utility.xl_col_to_name(number)
