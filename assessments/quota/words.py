"""The Chinese of every word that a policy file may use."""

from __future__ import annotations

from collections.abc import Collection

from assessments.quota.rules import Subject
from assessments.quota.verdicts import Status
from lawadvisor.foundation.periods import PeriodKind

STATUS = {
    Status.MET: "达标",
    Status.NOT_MET: "未达标",
    Status.PENDING: "待确认",
    Status.OPEN: "进行中",
    Status.AT_RISK: "有风险",
    Status.NOT_ASSESSED: "不足期，不考核",
    Status.NOTICE: "提示",
}
#: What a status says of a verdict, for whoever sees the word for the first time.
MEANING = {
    Status.MET: "本期要求已经完成。",
    Status.NOT_MET: "本期已经结束，或者已无法补救，没有完成要求。",
    Status.PENDING: "还有记录待确认或待核验，通过后即可完成要求。",
    Status.OPEN: "本期还在进行，时间足够。",
    Status.AT_RISK: "本期还在进行，但剩余时间可能不够，或期末将近还没有开始。",
    Status.NOT_ASSESSED: "在任时间不足，本期不作考核，数字仅供参考。",
    Status.NOTICE: "只作提醒，不算未达标。",
}
UNIT = {"session": "服务记录", "matter": "事项", "filing": "材料"}
MODE = {
    "on_site": "现场",
    "phone": "电话",
    "wechat": "微信",
    "qq": "QQ",
    "app": "手机APP",
    "other_online": "其他线上方式",
}
PURPOSE = {"duty": "坐班咨询", "mediation": "调解", "lecture_only": "讲座", "other": "其他事项"}
MATTER = {
    "consultation": "法律咨询",
    "mediation": "参与调解",
    "lecture": "法治讲座",
    "training": "法治培训",
    "opinion": "法律意见",
    "village_rules": "村规民约",
    "document": "代写文书",
    "legal_aid": "法律援助",
    "petition": "信访协助",
    "publicity": "法治宣传",
    "litigation": "诉讼服务",
    "election": "换届选举",
    "incident": "重大事项报告",
    "contact": "联系“两委”干部",
    "other": "其他事项",
}
FILING = {
    "suggestion_report": "法治提升建议报告",
    "dossier": "法治档案",
    "journal": "工作日志",
    "logbook": "纸质工作日志",
    "online_group": "微信工作群登记",
    "monthly_check": "每月核查记录",
    "monthly_summary": "月度工作汇总",
    "half_year_report": "半年工作报告",
    "advisor_training": "法律顾问培训",
    "liaison_training": "联络员培训",
    "joint_meeting": "联席会议",
    "annual_review": "年度工作会议",
    "guidance_meeting": "指导组会议",
    "inspection": "督导检查",
    "campaign": "专项宣传",
    "zero_report": "零申报",
}
STATE = {
    "draft": "草稿",
    "returned": "已退回",
    "submitted": "已提交",
    "confirmed": "已确认",
    "reviewed": "已核验",
    "withdrawn": "已撤回",
}
STEP = {"confirmed": "联络员确认", "reviewed": "司法所核验"}
EVIDENCE = {
    "photo": "照片",
    "client": "服务对象",
    "phone": "联系电话",
    "content": "服务内容",
    "method": "方法",
    "result": "结果",
    "focus": "法律重点",
    "place": "场所",
    "audience": "人数",
    "cadres": "“两委”干部",
    "grid_workers": "网格员",
    "mediators": "人民调解员",
    "legal_literates": "法律明白人",
    "township_leaders": "镇街领导",
    "office_head": "司法所（分局）负责人",
    "villagers": "群众代表",
    "youth": "青少年",
    "advisors": "法律顾问",
    "liaisons": "联络员",
    "office_staff": "司法所（分局）专责人员",
    "state_policy": "国家政策",
    "local_conditions": "社情民意",
    "legal_practice": "法律业务",
    "necessity": "工作必要性",
    "work_system": "工作制度",
    "cooperation": "与律师配合",
    "ethics": "职业道德",
    "discipline": "执业纪律",
    "mediation_skill": "调解技能",
    "case_files": "案卷制作",
}
CATEGORY = {
    "lawyer": "律师",
    "legal_worker": "基层法律服务工作者",
    "bureau_staff": "司法行政工作人员",
    "retired_cadre": "退休政法干部",
    "retired_judge": "退休法官",
    "retired_prosecutor": "退休检察官",
    "legal_scholar": "法学专家",
    "legal_aid_staff": "法律援助人员",
    "notary": "公证人员",
}
VILLAGE_KIND = {"village": "村", "community": "社区"}
TERRAIN = {"plain": "平川", "mountain": "山区"}
SUBJECT = {
    Subject.APPOINTMENT: "聘任（一名顾问在一个村）",
    Subject.ADVISOR: "法律顾问",
    Subject.VILLAGE: "村（社区）",
    Subject.TEAM: "服务团队",
    Subject.ORGANISATION: "机构",
    Subject.TOWNSHIP: "镇街（司法所）",
    Subject.BUREAU: "司法局",
}
EVERY = {
    PeriodKind.DAY: "每天",
    PeriodKind.WEEK: "每周",
    PeriodKind.HALF_MONTH: "每半月",
    PeriodKind.MONTH: "每月",
    PeriodKind.QUARTER: "每季度",
    PeriodKind.HALF_YEAR: "每半年",
    PeriodKind.YEAR: "每年",
    PeriodKind.TERM: "每个任期（没有止日的，按任职满一年计一期）",
    PeriodKind.WINDOW: "在限定期间内",
}


def listed(words: Collection[str], labels: dict[str, str]) -> str:
    """In the order of the vocabulary: ``现场、电话``; an unknown word stays as it is."""
    order = list(labels)
    known = sorted(words, key=lambda w: (order.index(w) if w in labels else len(order), w))
    return "、".join(labels.get(word, word) for word in known)


def duration(minutes: int) -> str:
    """``230`` is 3小时50分, ``240`` is 4小时, ``10`` is 10分钟."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}分钟"
    return f"{hours}小时{rest}分" if rest else f"{hours}小时"
