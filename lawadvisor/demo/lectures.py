"""What lectures were about: topic and focus (法律重点), and whom they reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import NamedTuple

from lawadvisor.demo.flaws import Flaws
from lawadvisor.foundation.periods import Period, PeriodKind
from worklogs.enums import LegalTopic as T


class Lecture(NamedTuple):
    topic: T
    focus: str


LECTURES: tuple[Lecture, ...] = tuple(
    Lecture(topic, focus)
    for topic, focuses in {
        T.LAND_TAKING: (
            "征收土地的程序与村民的知情权",
            "房屋征收补偿协议怎样看、怎样签",
            "安置补助费的分配与使用监督",
            "对征收决定不服的救济途径",
        ),
        T.LAND_TITLE: (
            "土地承包经营权确权登记后的权利保护",
            "宅基地“一户一宅”与继承问题",
            "土地流转合同的签订与风险",
            "相邻排水、通行、采光权",
            "集体经济组织成员资格如何认定",
        ),
        T.PROPERTY_SERVICE: (
            "业主大会和业主委员会怎样成立",
            "物业服务合同与物业费纠纷",
            "小区公共收益归谁所有",
            "住宅专项维修资金的申请和使用",
            "高空抛物与楼道堆物的责任",
        ),
        T.FAMILY: (
            "民法典婚姻家庭编：彩礼与夫妻共同财产",
            "遗嘱怎样立才有效",
            "赡养义务不因放弃继承而免除",
            "反家庭暴力法与人身安全保护令",
            "未成年人监护与网络保护",
            "离婚冷静期与子女抚养",
        ),
        T.SCHOOL_MEDICAL: (
            "学生伤害事故的责任划分",
            "医疗纠纷的处理途径",
            "预防校园欺凌",
            "义务教育法：入学与控辍保学",
        ),
        T.SOCIAL_SECURITY: (
            "农民工工资保障与欠薪维权",
            "工伤认定的时限与材料",
            "城乡居民养老保险与医疗保险政策",
            "劳动合同不签怎么办",
            "法律援助申请条件与流程",
        ),
        T.ENVIRONMENT: (
            "秸秆禁烧与大气污染防治",
            "生活噪声与油烟扰民的处理",
            "河道采砂、倾倒垃圾的法律责任",
            "畜禽养殖污染防治",
        ),
        T.OTHER: (
            "宪法与基层群众自治",
            "防范电信网络诈骗和帮信犯罪",
            "民间借贷：借条怎么写、利息怎么算",
            "防范养老诈骗与非法集资",
            "村民委员会组织法与村务公开",
            "信访工作条例：依法逐级走访",
            "交通事故的处理与赔偿",
            "治安管理处罚法与邻里纠纷",
            "禁毒法与毒品的识别",
            "人民调解协议的效力与司法确认",
            "以案释法：身边的诈骗案",
        ),
    }.items()
    for focus in focuses
)

OPENINGS = (
    "以{village}近期发生的纠纷为例，讲解“{focus}”",
    "在{venue}开展法治讲座，围绕“{focus}”逐条释法",
    "结合真实案例讲解“{focus}”，并现场发放宣传资料",
    "为村（居）民和干部讲授“{focus}”，重点说明办事程序",
    "采取一问一答的方式讲解“{focus}”",
    "以“{focus}”为题授课，讲后现场解答提问",
)
METHODS = (
    "集中授课，发放资料",
    "案例讲解，互动问答",
    "播放短片后讲解",
    "授课并现场咨询",
    "情景模拟，以案释法",
)
RESULTS = (
    "{people}现场提问，均已解答，群众反映听得懂、用得上。",
    "发放宣传册{copies}份，会后解答咨询{questions}起。",
    "参加人员签到齐全，{questions}名群众会后继续咨询。",
    "村（居）干部表示将按所讲程序办理今后的同类事项。",
    "群众对维权途径有了基本了解，约定下季度继续开讲。",
)


def plan_lectures(
    rng: Random,
    periods: Sequence[Period],
    rates: Flaws,
    every: PeriodKind = PeriodKind.QUARTER,
) -> dict[Period, Lecture]:
    """One village's lectures by month: one in each such period, with a new focus within the year.

    A period of which only some months are asked for may have had its lecture in another month.
    """
    held: dict[Period, Lecture] = {}
    spans = dict.fromkeys(Period.containing(every, p.start) for p in periods)
    for span in spans:
        day = span.start + timedelta(days=rng.randrange(span.days))
        same_year = [x for p, x in held.items() if p.start.year == day.year]
        lecture = _choose(rng, same_year, rates.repeated_focus)
        month = Period.containing(PeriodKind.MONTH, day)
        if month in periods and rng.random() >= rates.missed_lecture:
            held[month] = lecture
    return held


def plan_trainings(rng: Random, periods: Sequence[Period], rates: Flaws) -> set[Period]:
    """The months in which one village holds a training: one a quarter, rather early in it."""
    held: set[Period] = set()
    for quarter in dict.fromkeys(Period.containing(PeriodKind.QUARTER, p.start) for p in periods):
        day = quarter.start + timedelta(days=int(quarter.days * rng.random() ** 1.6))
        month = Period.containing(PeriodKind.MONTH, day)
        if month in periods and rng.random() >= rates.missed_training:
            held.add(month)
    return held


def _choose(rng: Random, same_year: Sequence[Lecture], repeated_focus: float) -> Lecture:
    if same_year and rng.random() < repeated_focus:
        return rng.choice(same_year)
    return rng.choice([lecture for lecture in LECTURES if lecture not in same_year])
