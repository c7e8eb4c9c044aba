"""The communities and categories that a station starts with; operators change them afterwards."""

from alembic import op

revision = "0002"
down_revision = "0001"

COMMUNITIES = {
    "jiangtou": "江头社区", "lvcuo": "吕厝社区", "lvling": "吕岭社区", "yuanshan": "园山社区", "jinshang": "金尚社区",
    "jiangcun": "江村社区", "caitang": "蔡塘社区", "houpu": "后埔社区", "jintai": "金泰社区", "subdistrict": "江头街道（全街道）",
}  # fmt: skip

# code: (name, words that people use for it)
CATEGORIES = {
    "goods": ("生活物资", []),
    "goods.food": ("食品粮油", ["大米", "食用油", "粮油", "米面", "牛奶", "蔬菜", "水果", "食品"]),
    "goods.clothing": ("衣物被褥", ["衣服", "棉被", "被褥", "羽绒服", "衣物", "鞋"]),
    "goods.household": ("家居用品", ["家电", "风扇", "取暖器", "家具", "床", "电饭煲", "洗衣机"]),
    "goods.aids": ("康复辅具", ["轮椅", "拐杖", "助行器", "护理床", "助听器", "辅具"]),
    "goods.learning": ("文具书籍", ["书包", "文具", "图书", "课本", "学习用品"]),
    "medical": ("医疗防护", []),
    "medical.masks": ("口罩", ["口罩", "N95", "KN95"]),
    "medical.clothing": ("防护服", ["防护服", "隔离衣", "手术衣", "隔离服", "连体服", "工作服"]),
    "medical.eyewear": ("护目用品", ["护目镜", "眼罩", "防护眼镜", "防护面罩", "面屏", "面罩", "防护面屏"]),
    "medical.gloves": ("手套", ["手套"]),
    "medical.headwear": ("帽子", ["防护帽", "手术帽", "圆帽", "帽子", "帽"]),
    "medical.footwear": ("鞋套靴套", ["鞋套", "靴套", "胶鞋", "防污染靴", "长筒靴", "防护靴", "胶靴"]),
    "medical.disinfection": ("消毒用品", ["消毒液", "消毒水", "酒精", "84", "过氧乙酸", "洗手液", "消毒片", "消毒", "双氧水", "含氯", "手消", "碘"]),
    "medical.thermometers": ("体温设备", ["体温计", "额温枪", "测温", "体温", "红外"]),
    "medical.tests": ("检测试剂", ["试剂", "检测", "核酸", "采样", "咽拭子"]),
    "medical.equipment": ("医疗设备", ["呼吸机", "监护仪", "制氧机", "氧气", "除颤仪", "心电", "血氧", "输液泵", "注射泵", "消毒机", "空气净化", "喷雾器", "设备"]),
    "medical.medicine": ("药品", ["药品", "奥司他韦", "干扰素", "连花清瘟", "抗病毒", "利巴韦林", "阿比多尔", "药"]),
    "care": ("照护陪伴", []),
    "care.visit": ("探访陪伴", ["探访", "陪伴", "聊天", "陪护", "慰问"]),
    "care.meals": ("助餐送餐", ["送餐", "助餐", "午餐"]),
    "care.bathing": ("助浴护理", ["助浴", "护理", "理疗"]),
    "care.escort": ("陪诊出行", ["陪诊", "就医", "接送", "出行"]),
    "care.counselling": ("心理疏导", ["心理", "疏导", "情绪"]),
    "skills": ("便民服务", []),
    "skills.hair": ("理发", ["理发", "剪发", "剪头发"]),
    "skills.repair": ("家电维修", ["维修", "修理", "水电", "疏通"]),
    "skills.cleaning": ("家政清洁", ["清洁", "保洁", "打扫", "家政"]),
    "skills.legal": ("法律咨询", ["法律", "维权", "律师"]),
    "skills.health": ("义诊体检", ["义诊", "体检", "量血压"]),
    "skills.phone": ("智能手机教学", ["手机", "智能手机", "电脑"]),
    "learning": ("学习成长", []),
    "learning.tutoring": ("课业辅导", ["辅导", "作业", "家教"]),
    "learning.classes": ("公益课堂", ["课堂", "兴趣班", "书法", "培训"]),
    "learning.career": ("职业体验", ["职业体验", "实习", "就业"]),
    "learning.family": ("家庭教育", ["亲子", "家庭教育"]),
    "space": ("场地设备", []),
    "space.room": ("活动场地", ["场地", "会议室", "教室", "活动室"]),
    "space.equipment": ("设备借用", ["音响", "投影", "帐篷", "桌椅"]),
    "money": ("资金", []),
    "money.aid": ("困难救助金", ["救助金", "善款", "助学金", "医药费"]),
    "other": ("其他", []),
    "other.unsorted": ("待分类", []),
}  # fmt: skip


def upgrade():
    connection = op.get_bind()
    for code, name in COMMUNITIES.items():
        connection.exec_driver_sql("INSERT INTO communities (code, name) VALUES (%s, %s)", (code, name))
    for code, (name, synonyms) in CATEGORIES.items():
        parent = code.split(".")[0] if "." in code else None
        connection.exec_driver_sql(
            "INSERT INTO categories (code, parent, name, synonyms) VALUES (%s, %s, %s, CAST(%s AS text[]))",
            (code, parent, name, synonyms),
        )
