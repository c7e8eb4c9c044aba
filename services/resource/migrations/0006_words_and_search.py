"""What offers, providers and needs are found by; categories that help out, communities side by side, and what was decided.

The neighbours of the nine communities are a starting guess, from a public list and not from a map: operators correct it.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

# A category and those that may help out where nothing of its own is left. Things that protect are not among them:
# a mask does not stand in for goggles, nor a gown for gloves.
RELATED = {
    "goods.food": ["care.meals", "money.aid"],
    "goods.clothing": ["goods.household", "money.aid"],
    "goods.household": ["goods.clothing", "skills.repair", "money.aid"],
    "goods.aids": ["medical.equipment", "care.escort", "money.aid"],
    "goods.learning": ["learning.tutoring", "money.aid"],
    "medical.thermometers": ["medical.equipment", "skills.health"],
    "medical.tests": ["skills.health"],
    "medical.equipment": ["goods.aids"],
    "medical.medicine": ["skills.health", "money.aid"],
    "care.visit": ["care.counselling", "care.escort"],
    "care.meals": ["goods.food", "care.visit"],
    "care.bathing": ["skills.health", "goods.aids"],
    "care.escort": ["care.visit", "goods.aids"],
    "care.counselling": ["care.visit", "learning.family"],
    "skills.hair": ["care.bathing"],
    "skills.repair": ["skills.cleaning", "goods.household"],
    "skills.cleaning": ["skills.repair", "care.bathing"],
    "skills.legal": ["care.counselling"],
    "skills.health": ["care.bathing", "medical.thermometers"],
    "skills.phone": ["learning.classes", "care.visit"],
    "learning.tutoring": ["learning.classes", "learning.family"],
    "learning.classes": ["learning.tutoring", "space.room"],
    "learning.career": ["learning.classes"],
    "learning.family": ["care.counselling", "learning.classes"],
    "space.room": ["space.equipment"],
    "space.equipment": ["space.room"],
    "money.aid": ["goods.food", "medical.medicine"],
}

NEIGHBOURS = [
    ("jiangtou", "lvcuo"), ("jiangtou", "yuanshan"), ("jiangtou", "jiangcun"), ("lvcuo", "lvling"), ("lvling", "caitang"),
    ("lvling", "jintai"), ("yuanshan", "jinshang"), ("jinshang", "jintai"), ("jinshang", "houpu"), ("jiangcun", "houpu"),
    ("caitang", "jintai"), ("houpu", "jiangtou"),
]  # fmt: skip

# Residents' own words, beside those that there are.
SYNONYMS = {
    "goods.food": """
        没米 没米了 米没了 没菜 断粮 揭不开锅 没吃的 吃不上饭 吃的 面粉 面条 鸡蛋 肉 奶粉 花生油 油米
        粮食 口粮 月饼 年货 罐头 米油 米 油 菜 米吃完了 米缸空了 没油 没饭吃 饿 吃不饱 吃不上 没东西吃
        食物 米粉 挂面 方便面 饼干 点心 零食 豆浆 奶 酱油 盐 调料 米和油 断了粮 营养品 牛奶喝 买不起菜
        买不起肉 买菜钱 青菜 猪肉 鱼 罐头食品 饮用水 矿泉水 粽子 汤圆
    """,
    "goods.clothing": """
        没衣服穿 冬衣 棉衣 棉袄 外套 校服 毛衣 裤子 袜子 鞋子 床单 被子 毯子 毛毯 枕头 尿布 过冬 床罩
        床上用品 没有被子 盖的 穿的 保暖 保暖内衣 秋衣 厚衣服 大衣 雨衣 雨鞋 棉鞋 布鞋 帽子围巾 围巾
        手套围巾 旧衣服 童装 婴儿衣服 内衣 尺码 冷得睡不着 冻 凉席 蚊帐 褥子 席子
    """,
    "goods.household": """
        冰箱 电视 空调 电风扇 热水器 煤气灶 微波炉 电磁炉 锅 碗筷 桌子 椅子 柜子 沙发 床垫 毛巾 牙膏
        洗衣液 卫生纸 纸巾 纸尿裤 尿不湿 日用品 生活用品 热水壶 电热毯 暖风机 电扇 衣柜 餐桌 凳子 灶具
        炒锅 高压锅 水壶 脸盆 桶 拖把 扫把 肥皂 洗发水 沐浴露 卫生巾 婴儿车 婴儿床 奶瓶 灯具 手电筒 雨伞
        床铺 没有床 没风扇 没空调 没冰箱 没洗衣机 太热 热得受不了 打地铺 睡地上
    """,
    "goods.aids": """
        拐棍 四脚拐 坐便椅 坐便器 洗澡椅 扶手 助步器 防褥疮 气垫床 老花镜 义肢 假肢 推车 走不了路 走不动
        腿脚不便 腿脚不好 耳背 听不清 听不见 腿不好 腿断了 骨折 摔断 摔伤 走路不稳 走路困难 站不稳
        起不来 起身困难 坐轮椅 残疾车 电动轮椅 轮椅坏 手杖 支具 护腰 护膝 防滑垫 尿垫 听力 助听 耳朵背
        耳朵不好 耳聋 盲杖 看不清 眼睛花 放大镜 床边扶手 怕摔 走几步
    """,
    "goods.learning": """
        作业本 笔 书 绘本 字典 教辅 学习机 台灯 书桌 练习册 没书包 铅笔 本子 彩笔 蜡笔 圆规 计算器 平板
        电脑上网课 网课 上网课 课外书 故事书 看的书 课桌 开学用品 开学要用 开学 新书包 词典 辅导书
        学习资料 教材
    """,
    "medical.masks": """
        防护口罩 口罩不够
    """,
    "medical.clothing": """
        防化服
    """,
    "medical.disinfection": """
        消毒车 紫外线 消毒湿巾 免洗 杀菌 酒精棉片 酒精喷雾 洗手 消毒喷雾
    """,
    "medical.equipment": """
        雾化 雾化器 血压计 血糖仪 吸氧机 供氧 氧气瓶 空气消毒设备 紫外线消毒车 吸痰 血压仪 测血压的 吸氧
        氧气机 制氧 血氧仪 家用呼吸机 雾化机 血糖试纸
    """,
    "medical.medicine": """
        感冒药 退烧药 降压药 胰岛素 配药 没药了 吃药 买药 膏药 创可贴 降糖药 止痛药 消炎药 常备药
        药吃完了 药没了 药箱 急救包 维生素 钙片 中药 胶囊 感冒灵 退烧
    """,
    "care.visit": """
        想找人说说话 说说话 说话 没人说话 孤单 孤独 寂寞 一个人住 独居 没人管 没人看 没人照顾 看望 走访
        上门看看 陪老人 聊聊天 聊聊 陪我 解闷 陪一陪 照看 作伴 没人来看 没人聊天 说话的人 找人说话
        有人说话 陪聊 家里没人 儿女不在 子女不在 儿女在外地 子女在外地 孩子在外地 一个人在家 一个人过
        没人陪 没人陪伴 关心 串门 上门坐坐 看看我 来看我 惦记 冷清 无聊 没伴 老伴走了 空巢 独自 打个电话
        不放心 没人看着 有个照应 照应 下棋
    """,
    "care.meals": """
        做不了饭 没人做饭 不能做饭 做饭 送饭 吃饭 晚饭 午饭 盒饭 热饭 餐 老人食堂 长者食堂 一日三餐 饭菜
        没法做饭 做不动饭 煮饭 煮不了饭 没人煮饭 烧饭 烧不了饭 饭做不了 一口热饭 热菜 订餐 送餐上门
        中午没饭 中午吃 吃食堂 食堂 配餐 营养餐 流食 软饭 早餐 吃冷饭 剩饭 凑合吃 对付一口 打饭
    """,
    "care.bathing": """
        洗澡 擦身 洗不了澡 翻身 卧床 瘫痪 剪指甲 修脚 护工 照料 喂饭 褥疮 压疮 按摩 推拿 洗澡不方便
        洗不动澡 不能自理 自理 生活不能自理 躺在床上 起不了床 擦洗 换药 换尿布 导尿 喂药 陪床 护理员
        失能 瘫 中风 偏瘫 洗脚 洗头 泡脚 康复训练 喘口气 替我照顾
    """,
    "care.escort": """
        看病没人陪 陪看病 看病 上医院 去医院 挂号 复查 透析 下楼 下不了楼 接送孩子 接孩子 出门 坐车 搀扶
        取药 代取药 拿药 代跑腿 跑腿 代办 办事 医院 做检查 体检没人陪 化疗 放疗 住院 出院 打针 输液 门诊
        预约挂号 拿化验单 送医院 推轮椅下楼 出不了门 没法出门 上下楼 爬不了楼 搬下楼 陪我去 陪着去
        带我去 带她去 带他去 接一下 送一下 接孩子放学 接娃 坐公交 打车 代买 代购 银行办事 领养老金
    """,
    "care.counselling": """
        心情不好 睡不着 失眠 抑郁 焦虑 想不开 不想活 压力大 哭 烦 难过 闷闷不乐 开导 心里难受 吵架
        夫妻矛盾 丧亲 想死 活着没意思 没意思 不想说话 心慌 心烦 心里堵 心里苦 憋屈 憋得慌 崩溃 发脾气
        脾气 老哭 总哭 整天哭 天天哭 走不出来 走不出 过不去 受打击 去世 过世 离世 睡不好 整夜睡不着 自卑
        自闭 不出门 胆小 害怕 恐惧 委屈 撑不住 扛不住 家暴 更年期 产后
    """,
    "skills.hair": """
        剪头 理个发 头发 剃头 刮胡子 烫发 染发 理头发 头发长了 头发太长 剪个头 剪短 推头 修面 理发店
        刘海 胡子
    """,
    "skills.repair": """
        灯坏了 灯不亮 灯泡 换灯 坏了 堵了 油烟机堵了 下水道 马桶 漏水 水管 水龙头 跳闸 停电 电路 电线
        插座 门锁 换锁 修 修伞 磨刀 补鞋 纱窗 窗户 没热水 燃气灶 不制冷 墙皮 安装扶手 冰箱坏了 电视坏了
        洗衣机坏了 空调坏了 热水器坏了 风扇坏了 电饭煲坏了 门坏了 锁坏了 窗坏了 马桶堵了 水龙头坏了
        水管爆了 厕所堵了 地漏 漏电 短路 没电 断电 黑灯 灯 电灯 灯管 开关 打不着火 点不着 不转 不动了
        修一修 修一下 修好 漏 滴水 渗水 堵 通下水 水压 关不上 打不开 开不了门 反锁 掉下来 松了 安装
        装一下 装个 焊 接线 换个 换纱窗 收不到台 遥控器 轮椅坏了 轮子坏了
    """,
    "skills.cleaning": """
        擦玻璃 擦窗 大扫除 收拾屋子 收拾 搞卫生 卫生 清洗 洗油烟机 垃圾 家里很乱 太脏 除虫 蟑螂 老鼠
        洗衣服 洗被子 钟点工 搬家 搬东西 打扫卫生 扫地 拖地 擦地 玻璃 窗户脏 脏 乱 油污 抽油烟机清洗
        整理 屋子 堆满 杂物 臭 味道大 发霉 霉 虫 灭鼠 灭蟑 白蚁 消杀 晒被子 洗窗帘 倒垃圾 家务 做家务 搬
    """,
    "skills.legal": """
        打官司 官司 合同 欠薪 拖欠工资 工资没发 遗嘱 继承 离婚 赔偿 纠纷 被骗 受骗 诈骗 告 劳动仲裁 法援
        调解 公证 打工没给钱 不给工资 工钱 工资 讨薪 讨要 起诉 被告 法院 欠钱不还 借钱不还 欠条 骗了
        被骗钱 骗子 房产 过户 房产证 遗产 财产 赡养 抚养 抚养权 抚养费 监护权 邻居纠纷 租房纠纷 房东
        押金 中介 工伤 车祸 交通事故 理赔 保险 权益 投诉 举报 违法 开除 辞退
    """,
    "skills.health": """
        测血压 血压 血糖 测血糖 健康检查 检查身体 看中医 针灸 把脉 健康讲座 牙 视力 急救 疫苗 量个血压
        头晕 高血压 糖尿病 身体不舒服 腰疼 腿疼 膝盖疼 肩膀疼 颈椎 牙疼 看牙 眼睛检查 视力检查 验光
        白内障 骨密度 心电图 中医 拔罐 艾灸 按摩一下 养生 用药咨询 看不懂化验单 健康
    """,
    "skills.phone": """
        微信 视频通话 不会用手机 扫码 网上挂号 健康码 上网 支付宝 打字 短视频 防骗软件 手机不会 不会用
        不会弄 智能机 新手机 发微信 视频聊天 视频电话 拍照 照片 充话费 话费 流量 网购 付款 扫码付款
        二维码 挂号软件 软件 应用 密码忘了 手机卡 打车软件 医保码 认证 人脸认证 养老认证 打不开网页
        上不了网 宽带 电脑不会
    """,
    "learning.tutoring": """
        作业没人管 孩子作业没人管 没人辅导 补课 功课 成绩差 数学 英语 语文 学习跟不上 跟不上 写作业
        题不会 补习 陪读 四点半 放学没人管 托管 不会做题 辅导作业 教不了 教作业 教孩子 教功课 看作业
        学习 学习不好 成绩 不及格 考试 中考 高考 期末 作文 拼音 认字 识字 背书 数学题 英语差 物理 化学
        请不起家教 请不起老师 老师 放学后 放学没人 没人接管 晚托 学业
    """,
    "learning.classes": """
        画画 绘画 唱歌 舞蹈 跳舞 太极 瑜伽 手工 钢琴 古筝 象棋 围棋 学做 烘焙 讲座 夏令营 冬令营
        暑假没地方去 合唱 插花 摄影 剪纸 兴趣 学画画 学唱歌 学跳舞 学书法 学琴 学习班 上课 课程 毛笔字
        写毛笔字 二胡 吉他 葫芦丝 广场舞 八段锦 打太极 打拳 篮球 足球 羽毛球 乒乓球 游泳 编织 织毛衣
        茶艺 做菜 烹饪 学英语 老年大学 暑假 寒假 暑期 假期 夏天孩子 没地方玩 培训班 编程 机器人 朗诵
        国学
    """,
    "learning.career": """
        找工作 没工作 失业 下岗 求职 招聘 简历 打零工 职业规划 参观企业 见习 岗位 技能培训 工作 上班
        活干 找活 找份工 打工 零工 兼职 临时工 创业 转行 学门手艺 手艺 技能 证书 面试 毕业 刚毕业
        将来做什么 以后做什么 职业 行业 志愿填报 填志愿 选专业 参观
    """,
    "learning.family": """
        孩子不听话 不听话 叛逆 管不住孩子 沉迷手机 玩游戏 早恋 带孩子 育儿 隔代 厌学 不想上学 打孩子
        孩子 管不了 顶嘴 逃学 不上学 不愿上学 不去学校 拒学 玩手机 打游戏 网瘾 沉迷 青春期 亲子关系 沟通
        说不通 跟孩子 教育 教育孩子 家教方法 带娃 带孙子 打骂 二胎 单亲 离家出走 撒谎 偷东西 霸凌 被欺负
        厌食
    """,
    "space.room": """
        地方开会 开会 排练 没地方活动 借教室 借场地 地方 会场 棋牌室 舞蹈室 球场 聚会 房间 室 会议
        排练厅 练舞 跳舞的地方 唱歌的地方 活动的地方 找个地方 借个地方 办活动 搞活动 办个 开班会 聚一聚
        聚餐 年会 茶话会 室内 空教室 大厅 礼堂 操场 练习场地 摆摊 义卖 展览 业主大会 业主开会
    """,
    "space.equipment": """
        话筒 麦克风 投影仪 幕布 桌子椅子 展架 音箱 横幅 相机 借音响 借投影 借桌椅 借帐篷 喇叭 扩音器
        屏幕 大屏 桌子 椅子 折叠椅 长桌 遮阳棚 展板 灯光 舞台 推车 烧烤架 打印机 直播设备 三脚架 充气
    """,
    "money.aid": """
        没钱 交不起 付不起 学费 房租 救助 补助 补贴 低保 医疗费 手术费 住院费 看病钱 借钱 捐款 水电费
        困难补助 生活费 资助 助学 钱 钱不够 凑不齐 凑不够 差钱 缺钱 急用钱 周转 借不到钱 拿不出钱
        负担不起 承担不起 交不上 交学费 学杂费 住院押金 押金交不起 药费 药太贵 看不起病 化疗费 手术 大病
        重病 白血病 癌症 欠债 债 贷款 房租交不起 电费 水费 燃气费 失去收入 没收入 没有收入 经济困难
        家庭困难 困难 贫困 低收入 救济 帮扶金 慰问金 抚恤 丧葬费 火灾 遭灾 受灾 学费交不起 上大学
        上不起学
    """,
}  # fmt: skip


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE search_entries (
            id            uuid PRIMARY KEY,
            kind          text NOT NULL CHECK (kind IN ('offer', 'provider', 'need')),
            version       int NOT NULL,
            title         text NOT NULL,
            community     text NOT NULL,
            category      text,
            state         text NOT NULL,
            form          text,
            target_groups text[] NOT NULL,
            registered_by text NOT NULL,
            learnt        boolean NOT NULL DEFAULT false,
            lexemes       tsvector NOT NULL
        ) WITH (fillfactor = 90);
        CREATE INDEX search_entries_by_kind ON search_entries (kind, id);
        -- What waits to be sorted into the index is read by every search, so that little of it may.
        CREATE INDEX search_entries_by_lexeme ON search_entries USING gin (lexemes) WITH (gin_pending_list_limit = 256);
        CREATE TABLE search_sweeps (
            kind   text PRIMARY KEY,
            "after" uuid
        );

        ALTER TABLE categories ADD COLUMN version int NOT NULL DEFAULT 1, ADD COLUMN told int NOT NULL DEFAULT 0;
        ALTER TABLE communities ADD COLUMN version int NOT NULL DEFAULT 1, ADD COLUMN told int NOT NULL DEFAULT 0;
        CREATE INDEX categories_untold ON categories (code) WHERE told < version;
        CREATE INDEX communities_untold ON communities (code) WHERE told < version;
        CREATE TABLE categories_deleted (
            code    text PRIMARY KEY,
            version int NOT NULL
        );
        CREATE TABLE related_categories (
            code    text REFERENCES categories ON DELETE CASCADE,
            related text REFERENCES categories ON DELETE CASCADE,
            PRIMARY KEY (code, related),
            CHECK (code <> related)
        );
        CREATE INDEX related_categories_by_related ON related_categories (related, code);
        CREATE TABLE neighbours (
            one   text REFERENCES communities,
            other text REFERENCES communities,
            PRIMARY KEY (one, other),
            CHECK (one < other)
        );
        CREATE INDEX neighbours_by_other ON neighbours (other, one);

        CREATE TABLE decided_titles (
            id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            title    text NOT NULL,
            category text NOT NULL,
            times    int NOT NULL CHECK (times IN (-1, 1))
        );
        CREATE TABLE decided_words (
            word     text NOT NULL,
            category text NOT NULL REFERENCES categories ON DELETE CASCADE,
            times    int NOT NULL CHECK (times > 0),
            PRIMARY KEY (word, category)
        );
        CREATE INDEX decided_words_by_category ON decided_words (category);
        CREATE INDEX decided_words_by_times ON decided_words (times, word, category);
    """)
    connection = op.get_bind()
    for code, related in RELATED.items():
        connection.exec_driver_sql(
            """INSERT INTO related_categories (code, related) SELECT %s, code FROM categories
               WHERE code = ANY(%s) AND EXISTS (SELECT FROM categories WHERE code = %s)""",
            (code, related, code),
        )
    for pair in NEIGHBOURS:
        connection.exec_driver_sql(
            """INSERT INTO neighbours (one, other) SELECT a.code, b.code FROM communities AS a, communities AS b
               WHERE a.code = %s AND b.code = %s""",
            tuple(sorted(pair)),
        )
    for code, words in SYNONYMS.items():
        connection.exec_driver_sql(
            """UPDATE categories SET synonyms = synonyms || ARRAY(
                   SELECT word FROM unnest(CAST(%s AS text[])) WITH ORDINALITY AS new (word, place)
                   WHERE word <> ALL (synonyms) ORDER BY place)
               WHERE code = %s""",
            (words.split(), code),
        )
