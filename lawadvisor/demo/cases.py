"""Questions that villagers bring, by topic, with the law they turn on."""

from __future__ import annotations

from worklogs.enums import LegalTopic as T

QUESTIONS: dict[T, tuple[str, ...]] = {
    T.LAND_TAKING: (
        "{who}家{area}承包地被征收，对青苗补偿标准有疑问",
        "{group}{homes}反映征地公告未写明安置办法，询问能否要求听证",
        "{who}的房屋列入拆迁范围，评估面积比实际少{metres}，询问如何申请复核",
        "{who}已签拆迁协议，过渡费拖欠{months}，询问如何主张",
        "外嫁女{who}询问能否参加本组征地补偿款分配",
        "修路占用{who}家菜地{area}，当时只有口头答复，询问补偿由谁支付",
        "{who}与{kin}就{sum}拆迁款如何分配发生争执",
    ),
    T.LAND_TITLE: (
        "{who}与邻居{other}就{place}一块{area}的地界发生争议，双方各有说法",
        "{who}把{area}地租给{other}种{crop}，租金拖欠{months}，询问能否收回",
        "{who}建房占用公共通道，{other}要求恢复原状",
        "{who}询问父母去世后宅基地上的老屋能否由{kin}继承",
        "{who}在{year}换地时没有写字据，对方现在要求换回",
        "承包户{who}全家在外务工{years}，询问承包地是否会被收回",
        "{group}山林租赁合同将到期，{homes}询问续租如何表决",
        "{other}在{who}家承包地边栽树遮阴，影响{crop}收成",
        "{who}的土地承包经营权证面积与实测相差{area}，询问如何更正",
    ),
    T.PROPERTY_SERVICE: (
        "{building}楼顶漏水{months}，物业公司与施工方互相推诿",
        "业主{who}因电动车在车棚被盗拒交物业费，被催缴{money}",
        "小区电梯广告收入未公示，业主询问如何要求公开",
        "{building}住户{who}反映楼下{shop}油烟和噪声扰民",
        "{who}家厨房下水管堵塞，泡坏{other}家地板，就{money}赔偿协商不成",
        "业主委员会任期届满{months}未换届，询问如何启动",
        "{homes}要求加装电梯，低层住户{who}不同意，询问表决比例",
        "物业公司合同到期后拒不移交资料，业委会询问办法",
    ),
    T.FAMILY: (
        "{who}，{age}，几名子女对每月赡养费和住院护理互相推脱，询问如何主张",
        "{who}与{spouse}分居{months}，询问离婚时孩子抚养权如何确定",
        "{who}家订婚给付彩礼{sum}，未办登记即分手，询问能否要回",
        "{who}多次被{spouse}殴打，询问如何申请人身安全保护令",
        "{who}想立遗嘱把房屋留给照顾自己的{kin}，询问怎样才有效",
        "{who}去世后留下存款{sum}，{kin}与其他继承人分歧较大",
        "{who}离婚后对方{months}不付抚养费，询问如何申请执行",
        "{who}要求探望随{spouse}生活的孩子被拒，询问探望权如何行使",
        "留守儿童由爷爷{who}照看，父母失联，询问能否变更监护",
    ),
    T.SCHOOL_MEDICAL: (
        "{who}的孩子在{school}课间受伤，花去医药费{money}，询问学校责任",
        "{who}在{hospital}手术后伤口感染，怀疑医院有过错，询问如何封存病历",
        "{who}随{kin}迁入本地，询问孩子入读{school}需要哪些材料",
        "{who}的{kin}在外地住院，询问异地就医报销的办法",
        "{who}的孩子在{school}受同学欺负，学校处理迟缓",
        "{who}预交{money}培训费，机构停业，询问如何退费",
    ),
    T.SOCIAL_SECURITY: (
        "{who}在工地做{trade}{months}，包工头{other}拖欠工资{money}，只有{evidence}",
        "{who}做{trade}时摔伤，老板垫付{money}后不再过问，询问工伤如何认定",
        "{who}工作{years}，单位没有签劳动合同也没有缴社保",
        "{who}，{age}，询问城乡居民养老保险能否补缴",
        "{who}的低保被停发，不服核查结论，询问申诉途径",
        "{who}被口头辞退，询问能否要求经济补偿",
        "{who}的残疾补贴{months}未到账，询问由哪个部门负责",
        "{people}一起做{trade}，班组长跑路，询问能否要求总包单位先行支付",
    ),
    T.ENVIRONMENT: (
        "{place}的{animal}气味扰民，{homes}联名反映",
        "{who}投诉{shop}夜间作业噪声，多次劝阻无效",
        "上游{shop}排放污水，{who}家{area}{crop}减产",
        "{who}在{place}堆放垃圾，邻居{other}要求清运",
        "有人在河道边倾倒渣土，{who}询问向谁举报",
        "{who}焚烧秸秆被处罚{money}，询问能否申请复议",
    ),
    T.OTHER: (
        "{who}{year}借给{other}{sum}，对方一直未还，只有{evidence}",
        "{who}接到“冒充客服”电话后转账{money}，询问能否追回",
        "{who}骑电动车与{other}的小车相撞，就误工费{money}谈不拢",
        "{who}为朋友担保贷款{sum}，现被银行起诉，询问如何应诉",
        "{who}家的狗咬伤{other}，医药费{money}由谁承担",
        "{who}网购的农机有质量问题，商家拒绝退货",
        "{who}把银行卡借给他人使用被冻结，询问后果",
        "{who}与{other}合伙办{animal}，账目不清要求散伙",
        "{who}{when}在集市上买到假种子，{area}{crop}出苗不齐",
        "{who}欠条上的名字与身份证不一致，询问是否有效",
        "{who}被人在微信群里辱骂，询问如何取证",
    ),
}

LAWS: dict[T, tuple[str, ...]] = {
    T.LAND_TAKING: ("土地管理法", "土地管理法实施条例", "民法典物权编"),
    T.LAND_TITLE: ("农村土地承包法", "民法典物权编", "土地管理法"),
    T.PROPERTY_SERVICE: ("民法典物权编", "物业管理条例", "民法典合同编"),
    T.FAMILY: ("民法典婚姻家庭编", "民法典"),
    T.SCHOOL_MEDICAL: ("民法典侵权责任编", "民法典"),
    T.SOCIAL_SECURITY: ("劳动合同法", "保障农民工工资支付条例", "社会保险法"),
    T.ENVIRONMENT: ("环境保护法", "噪声污染防治法", "民法典侵权责任编"),
    T.OTHER: ("民法典合同编", "民法典侵权责任编", "民法典", "民事诉讼法"),
}

#: What people bring along to prove it.
EVIDENCE: dict[T, tuple[str, ...]] = {
    T.LAND_TAKING: ("补偿协议", "征地公告", "评估报告", "银行流水", "现场照片"),
    T.LAND_TITLE: ("承包合同", "土地承包经营权证", "换地字据", "现场照片", "证人证言"),
    T.PROPERTY_SERVICE: ("物业合同", "缴费单", "现场照片", "维修记录", "业主群聊天记录"),
    T.FAMILY: ("转账记录", "聊天记录", "病历", "结婚证", "证人证言"),
    T.SCHOOL_MEDICAL: ("病历", "缴费单", "监控录像", "聊天记录"),
    T.SOCIAL_SECURITY: ("工资单", "考勤记录", "转账记录", "聊天记录", "录音", "病历"),
    T.ENVIRONMENT: ("现场照片", "监控录像", "检测报告", "录音"),
    T.OTHER: ("转账记录", "聊天记录", "收条", "借条", "录音", "合同原件"),
}

#: Added behind a question now and then, as people tell their story.
DETAILS = (
    "",
    "",
    "",
    "，带来{evidence}",
    "，已到{body}问过一次",
    "，家里人意见不一",
    "，要求说清办理步骤",
    "，{when}开始着急办理",
)
#: The same where somebody stands on the other side.
DISPUTE_DETAILS = (
    "",
    "",
    "，带来{evidence}",
    "，此前找过{body}，未果",
    "，{when}双方又发生口角",
    "，希望先协商解决",
    "，担心超过诉讼时效",
    "，对方态度强硬",
    "，愿意听从调解",
)

METHODS = (
    "依据{law}当面解答",
    "查看{evidence}，结合{law}分析",
    "听取陈述，讲明{law}的规定和举证要求",
    "释法析理，列出所需材料清单",
    "讲解{law}，比较协商、调解、诉讼的利弊",
    "当面解答，并写下办理步骤交本人",
    "电话联系{body}核实后答复",
    "分析证据，告知诉讼时效和管辖",
)
RESULTS = (
    "当事人表示明白，按所讲步骤办理",
    "已列出材料清单，约定{days}后再来",
    "当事人将补齐{evidence}后再申请",
    "已告知救济期限，由本人决定是否申请",
    "当事人对答复满意",
    "转{body}跟进处理",
    "建议先书面申请，保留回执",
    "疑难问题带回所里研究，{days}内答复",
    "已写明办理部门和电话",
)
DISPUTE_RESULTS = (
    "当事人表示明白，将先与对方协商",
    "建议到{mediator}申请调解，已告知地址和电话",
    "当事人将补充{evidence}后起诉",
    "当事人对答复满意，暂不起诉",
    "转{mediator}跟进处理",
    "建议先发书面催告，保留凭证",
    "当事人放弃过高要求，愿意让步",
    "约定{days}后约双方一起面谈",
    "已电话联系{other}，同意坐下来谈",
)
ONLINE_METHODS = (
    "线上回复，引用{law}",
    "语音解答，并发送{law}相关条文",
    "看过对方发来的{evidence}后答复",
    "电话解答，提示证据保存",
)
