"""What else an advisor does beside answering questions, by kind of matter."""

from __future__ import annotations

from typing import NamedTuple

from worklogs.enums import LegalTopic
from worklogs.enums import MatterKind as K


class Deed(NamedTuple):
    """Templates of one kind; ``personal`` matters name a client, public ones an audience."""

    contents: tuple[str, ...]
    methods: tuple[str, ...]
    results: tuple[str, ...]
    personal: bool = True
    audience: tuple[int, int] | None = None


DEEDS: dict[K, Deed] = {
    K.DOCUMENT: Deed(
        (
            "为{who}代写追索{money}劳动报酬的民事起诉状",
            "为{who}代拟与{other}的土地租赁合同，面积{area}，期限{years}",
            "帮{who}起草遗嘱并说明见证要求",
            "为{who}代写借款{sum}的催款函",
            "代{who}拟写离婚协议中子女抚养和财产部分",
            "帮{who}填写工伤认定申请表",
            "为{village}拟写{place}场地出租合同，年租金{money}",
            "为{who}起草与{other}的赔偿和解协议，金额{money}",
        ),
        ("询问事实后起草", "核对{evidence}后起草", "按示范文本修改", "逐条讲解后定稿"),
        (
            "文书当场交本人",
            "已打印一式{count}份后交付",
            "本人核对签字",
            "约定{days}后取定稿",
            "已发本人微信",
        ),
    ),
    K.OPINION: Deed(
        (
            "对{village}{place}集体场地发包方案提出法律意见",
            "审查{village}与施工队的道路硬化合同，金额{sum}",
            "就{village}光伏项目租地{area}的期限和违约条款提出修改意见",
            "对集体资金{sum}的分配方案是否须经成员会议表决作答",
            "审查{village}{crop}收购合同的质量和付款条款",
            "就{group}机动地{area}重新发包的程序提出意见",
            "对公益设施占地补偿协议提出意见",
            "审查{village}自来水改造招标文件",
        ),
        ("书面意见", "列席会议口头说明，会后书面补充", "逐条批注合同", "查阅会议记录后答复"),
        (
            "村（居）委会采纳，修改{count}处后再议",
            "建议提交成员会议表决，已采纳",
            "合同修改后签订",
            "暂缓签约，补充会议记录",
        ),
        personal=False,
    ),
    K.LEGAL_AID: Deed(
        (
            "协助{who}（{age}，低保户）申请法律援助追索赡养费",
            "协助{who}申请讨薪法律援助，涉及{sum}",
            "为残疾居民{who}说明法律援助条件并准备材料",
            "引导{who}就交通事故赔偿{sum}申请法律援助",
            "协助工伤职工{who}向法律援助中心递交申请",
        ),
        ("核对经济状况，填写申请表", "陪同递交材料", "通过12348平台预审", "整理{evidence}并复印"),
        (
            "申请已受理",
            "已移交区县法律援助中心",
            "材料尚缺{evidence}，补齐后再报",
            "已指派律师承办",
        ),
    ),
    K.PETITION: Deed(
        (
            "协助镇街接待{who}，反映{group}征地补偿款未发",
            "参与{who}信访件的分析，提出依法处理建议",
            "就{homes}反映{shop}扰民的联名信提出法律意见",
            "陪同村干部走访信访人{who}，说明复查复核期限",
            "为{who}信访积案梳理证据，建议导入诉讼",
        ),
        ("列席接访，释明法定途径", "查阅卷宗，出具书面建议", "上门沟通", "与{body}会商"),
        (
            "信访人同意走司法途径",
            "建议已交镇街采纳",
            "信访人情绪平稳，约定{days}后答复",
            "签订息访协议",
        ),
    ),
    K.VILLAGE_RULES: Deed(
        (
            "审核{village}村规民约（居民公约）修订稿中的处罚条款",
            "就红白事简办条款提出合法性意见",
            "协助起草集体“三资”管理办法",
            "修改小区停车管理公约",
            "对环境卫生“门前三包”条款提出修改意见",
        ),
        ("逐条审核", "列席代表会议说明", "对照村民委员会组织法审查", "书面批注"),
        (
            "删去{count}处与法律不符的内容",
            "提交代表会议表决",
            "修订稿已公示{days}",
            "代表会议通过",
        ),
        personal=False,
    ),
    K.PUBLICITY: Deed(
        (
            "在{place}设点宣传反诈知识，发放资料",
            "结合“民法典宣传月”入户走访{homes}",
            "利用赶集日开展防范非法集资宣传",
            "在微信群和宣传栏推送婚姻家庭案例",
            "开展国家安全教育日宣传",
            "向外出务工人员宣传欠薪维权途径",
            "“宪法宣传周”期间悬挂横幅、发放读本",
            "向养殖户宣传环保法规",
        ),
        ("发放资料，现场解答", "张贴海报，现场讲解", "广播后发放资料"),
        (
            "发放资料{copies}份",
            "解答询问{questions}起",
            "走访{homes}，收集意见{questions}条",
            "群众反映良好",
        ),
        personal=False,
        audience=(15, 130),
    ),
    K.TRAINING: Deed(
        (
            "培训“法律明白人”和调解员，讲解调解协议的写法",
            "为村（社区）两委干部讲合同审查要点",
            "培训网格员排查矛盾纠纷和固定证据的方法",
            "为“法律明白人”讲解民法典相邻关系",
            "与调解员共同复盘{who}与{other}的调解案",
        ),
        ("集中培训", "案例教学", "分组演练", "座谈交流"),
        ("参训人员掌握要点", "形成问题清单{questions}条", "现场测试全部合格", "约定下次培训内容"),
        personal=False,
        audience=(6, 34),
    ),
    K.LITIGATION: Deed(
        (
            "为{who}诉{other}民间借贷案（{sum}）提供免费诉讼指导",
            "帮助{who}网上立案，案由为劳务合同纠纷",
            "陪同{who}到人民法庭参加庭前调解",
            "指导{who}申请强制执行{money}抚养费",
            "为{who}分析一审判决并说明上诉期限",
        ),
        ("免费指导", "协助整理证据目录", "演示网上立案操作", "陪同前往"),
        ("已立案", "庭前调解成功", "已提交执行申请", "补充{evidence}后再立案", "当事人决定不上诉"),
    ),
    K.ELECTION: Deed(
        (
            "解答{village}换届选举中委托投票的办理要求",
            "就选民名单公示异议提出处理意见",
            "列席选举委员会会议，说明候选人资格条件",
        ),
        ("当面解答", "列席会议说明", "查阅选举办法后答复"),
        ("选举委员会采纳", "名单更正后重新公示", "异议人接受解释"),
        personal=False,
    ),
    K.CONTACT: Deed(
        (
            "联系{village}“两委”干部，了解近期矛盾纠纷和法律需求",
            "向{village}“两委”干部询问{group}土地纠纷的进展",
            "就{village}集体合同到期事宜提醒“两委”干部",
            "与{village}“两委”干部约定下次值班和讲座时间",
            "答复{village}“两委”干部关于{place}场地出租的询问",
        ),
        ("电话沟通", "微信语音沟通", "线上交流，发送相关法条"),
        (
            "暂无新增纠纷",
            "约定值班时当面研究",
            "已提示风险，干部表示采纳",
            "需求{questions}项，已记录",
        ),
        personal=False,
    ),
    K.OTHER: Deed(
        (
            "与村（居）干部碰头，排查{group}矛盾纠纷{count}起",
            "走访社区矫正对象{who}，说明监管规定",
            "整理上月咨询台账，归纳常见问题",
            "走访困难户{who}，了解法律需求",
            "更换公示牌联系方式，核对服务卡发放情况",
        ),
        ("走访座谈", "查阅台账", "入户了解"),
        ("梳理问题{questions}条，已反馈", "暂无新增纠纷", "已记入台账", "列入下月工作"),
        personal=False,
    ),
}

DISPUTES: dict[LegalTopic, tuple[str, ...]] = {
    LegalTopic.LAND_TITLE: (
        "{who}与{other}因{place}宅基地滴水发生纠纷",
        "{who}与{other}因{area}地界争议多次争吵",
        "{who}与{other}就换地{area}是否作数各执一词",
    ),
    LegalTopic.FAMILY: (
        "{who}与{other}离婚，就孩子抚养费和{sum}存款分歧大",
        "{who}与{other}兄弟二人对{age}老母的赡养分担意见不一",
        "{who}与{other}退还彩礼{sum}的纠纷",
        "{who}与{other}因父亲遗留房屋{metres}的分割发生争执",
    ),
    LegalTopic.SOCIAL_SECURITY: (
        "{who}拖欠{other}{trade}工资{money}",
        "{who}为{other}做{trade}时受伤，就{sum}赔偿分歧较大",
    ),
    LegalTopic.PROPERTY_SERVICE: (
        "{who}装修致{other}家漏水，双方对{money}赔偿争执不下",
        "{building}住户{who}与{other}因楼道堆物争吵",
        "{who}与{other}因车位使用发生冲突",
    ),
    LegalTopic.ENVIRONMENT: (
        "{who}与{shop}老板{other}因噪声冲突",
        "{who}的{animal}排水影响{other}家{crop}，索赔{money}",
    ),
    LegalTopic.SCHOOL_MEDICAL: ("{who}与{other}因孩子打架产生医药费{money}纠纷",),
    LegalTopic.OTHER: (
        "{who}家的羊啃食{other}家{crop}，索赔{money}",
        "{who}与{other}交通事故赔偿{sum}调解",
        "{who}与{other}合伙经营{animal}的债务纠纷",
        "{who}借{other}{sum}，到期{months}未还",
        "{who}家的狗咬伤{other}，就医药费{money}协商不成",
    ),
}
MEDIATION_METHODS = (
    "会同{body}调解，背对背沟通后面谈",
    "到现场丈量，讲明相邻关系规定",
    "分析双方责任比例，提出折中方案",
    "邀请双方亲属参加，释法与劝和结合",
    "对照{evidence}逐项核算金额",
    "参加{body}主持的调解，负责释法",
)
MEDIATION_SUCCESS = (
    "达成协议，{who}当场支付{money}",
    "双方签订调解协议，分{count}次付清",
    "握手言和，各退一步",
    "达成口头协议并当场履行",
    "签订协议，约定申请司法确认",
)
MEDIATION_FAILURE = (
    "分歧较大，调解不成，告知诉讼途径",
    "一方未到场，改期再调",
    "未达成一致，{days}后再次调解",
)
MEDIATION_GOES_ON = ("双方同意{days}后继续调解", "等待{evidence}，{days}后再议")

RETURN_REASONS = (
    "未写明处理结果，请补充",
    "服务对象一栏为空，请补填",
    "时长与值班安排不符，请核对起止时间",
    "内容过于简单，请写明咨询事项",
    "调解结果未填，请补充协议情况",
    "地点与村（社区）不一致，请核对",
)
