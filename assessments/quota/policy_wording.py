"""A whole policy in Chinese: what a clerk reads beside the document before it is adopted."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.quota.packs import Pack, PackStatus, Settings
from assessments.quota.rules import Basis, Rule
from assessments.quota.wording import DEFAULT_MARK, describe
from assessments.quota.words import CATEGORY, listed
from lawadvisor.foundation.periods import chinese_date

EDUCATION_WORD = {"junior_college": "大专", "bachelor": "本科", "master": "硕士"}
LOG_FIELD = {
    "village_basics": "村（社区）基本情况",
    "start_end": "起止时间",
    "client": "服务对象",
    "phone": "联系电话",
    "matter": "服务事项",
    "content": "服务内容",
    "method": "服务方法",
    "result": "服务结果",
}
RECIPIENT = {
    "office": "司法所",
    "bureau": "司法局",
    "township": "镇街",
    "village": "村（居）委会",
}
STATUS_WORD = {PackStatus.DRAFT: "征求意见稿或草案", PackStatus.IN_FORCE: "已印发施行"}
COUNTING = {
    "submitted": "服务记录提交后即计入",
    "confirmed": "服务记录经联络员确认后计入",
    "reviewed": "服务记录经司法所核验后计入",
}
_OWN = "（本局设定）"
#: Settings whose number no text gives (A16): entry_warn_days, close_day, assessment_window_days.
_OWN_SETTINGS = 3


def describe_settings(settings: Settings) -> tuple[str, ...]:
    """Each setting as a sentence, in the order of the file."""
    return tuple(
        f"{words}。"
        for words in (
            *_about_people(settings),
            *_about_records(settings),
            *_about_assessment(settings),
            *_about_money(settings),
        )
    )


def _about_people(settings: Settings) -> Iterator[str]:
    allowed = listed(settings.allowed_categories, CATEGORY)
    yield f"可以担任法律顾问的：{allowed}" if allowed else "没有列出可以担任法律顾问的人员类别"
    helpers = listed(settings.volunteer_categories, CATEGORY)
    yield f"可以作志愿者、不计入考核的：{helpers}" if helpers else "没有志愿者类别"
    years = settings.min_practice_years
    yield f"聘任第一天执业应满{years}年" if years else "不要求执业年限"
    education = EDUCATION_WORD.get(settings.min_education)
    yield f"学历不低于{education}" if education else "不要求学历"


def _about_records(settings: Settings) -> Iterator[str]:
    fields = listed(settings.log_required_fields, LOG_FIELD)
    yield f"服务记录必须填写：{fields}" if fields else "服务记录没有必填项"
    yield "法治讲座须有照片" if settings.lecture_photo_required else "法治讲座不要求照片"
    yield COUNTING[settings.counting_state]
    recipients = listed(settings.incident_recipients, RECIPIENT)
    yield f"重大事项报告给：{recipients}" if recipients else "没有规定重大事项报告给谁"
    yield f"服务后超过{settings.entry_warn_days}天录入的作出提醒{_OWN}"
    yield f"次月{settings.close_day}日关账{_OWN}"


def _about_assessment(settings: Settings) -> Iterator[str]:
    every = "每半年" if settings.assessment_period == "half_year" else "每年"
    yield f"{every}考核一次，期满后{settings.assessment_window_days}天内进行{_OWN}"
    if settings.training_is_renewal_condition:
        yield "没有参加培训的，续聘须写明理由"
    else:
        yield "续聘不以参加培训为条件"
    who = "司法局" if settings.selection_actor == "bureau" else "司法所"
    yield f"法律顾问的选聘由{who}办理"


def _about_money(settings: Settings) -> Iterator[str]:
    least = settings.min_subsidy_yuan
    yield f"每村每年补贴不低于{least}元" if least else "没有规定补贴最低标准"
    counts = {"county": "补贴只按县级资金计算", "all": "补贴按各方资金合计计算"}
    yield counts.get(settings.subsidy_counts, "不检查补贴的资金来源")
    grant = settings.planned_grant_yuan
    yield f"每村计划奖补{grant}元，只作计划，不作检查" if grant else "没有计划奖补数额"


def policy_lines(pack: Pack) -> Iterator[str]:
    """The policy line by line: head, settings, each rule with its sentences, the counts."""
    yield f"{pack.title}（代号{pack.key}，{STATUS_WORD[pack.status]}）"
    yield f"　　地方：{pack.place}"
    issued = f"{chinese_date(pack.issued)}印发" if pack.issued else "文件没有日期"
    yield f"　　文件：{pack.source}（{issued}）"
    yield from (f"　　依据：{basis}" for basis in pack.legal_basis)
    yield f"　　自{chinese_date(pack.effective_from)}起适用"
    yield "参数"
    for number, sentence in enumerate(describe_settings(pack.settings), start=1):
        yield f"　　{number}. {sentence}"
    yield "规则"
    for number, rule in enumerate(pack.rules, start=1):
        yield f"　　{number}. {rule.key}　{rule.title}　依据：{rule.clause}"
        yield f"　　　　原文：“{rule.phrase}”"
        yield from (f"　　　　（{at}）{said}" for at, said in enumerate(describe(rule), start=1))
    yield _counts(pack.rules)


def _counts(rules: tuple[Rule, ...]) -> str:
    targets = sum(rule.basis is Basis.BUREAU for rule in rules)
    shares = sum(_sets_a_share(rule) for rule in rules)
    defaults = sum(DEFAULT_MARK in sentence for rule in rules for sentence in describe(rule))
    return (
        f"合计：规则{len(rules)}条；由本局设定的数值{targets + shares + _OWN_SETTINGS}个"
        f"（规则{targets}个，任期比例{shares}个，参数{_OWN_SETTINGS}个）；"
        f"采用系统默认的读法{defaults}处。"
    )


def _sets_a_share(rule: Rule) -> bool:
    """Whether the pack itself writes a share of the period that no text gives."""
    part = rule.part
    if part is None or part.min_share is None or "part.min_share" in rule.inherited:
        return False
    return part.basis is Basis.BUREAU
