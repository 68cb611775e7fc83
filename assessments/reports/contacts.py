"""R35 联系人表、服务计划表、值班表: whom to call, what is to come, who sits when.

Clauses: 坐班时间 (ZX-29), 指定综治专干负责联系 (ZX-65), 商定工作计划与服务内容 (ZX-66),
联络员 between branch, advisor and firm (DG-30). What the parties agree on by hand has its place;
what the portal knows, the demands of the policy and what was done, is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from advisors.liaisons import told_of
from advisors.models import Appointment, Liaison
from assessments.desk import asked_every
from assessments.enums import PaperKey
from assessments.quota.rules import DECIDING, Rule, Subject
from assessments.reports.activity import SUBMITTED
from assessments.reports.asked import AskedDesk
from assessments.selectors import rules_in_force
from lawadvisor.foundation.periods import local_date
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.tables import Column, Document, Kind, section
from worklogs.enums import MatterKind, Purpose
from worklogs.models import Matter, ServiceLog
from worklogs.record_columns import clock_of

#: Who serves a village that has no advisor.
_NOBODY: tuple[Appointment | None, ...] = (None,)


@dataclass(frozen=True, slots=True)
class Line:
    """One village with each of its advisors; "" where nobody is named or it is to be agreed."""

    township: str
    village: str
    advisor: str
    organisation: str
    advisor_phone: str
    liaison: str
    liaison_phone: str
    taught: str
    sat: str
    to_fill: str = ""


def _blank(key: str, title: str, width: float) -> Column:
    """To be filled in by hand."""
    return Column(key, title, width=width, get=lambda line: line.to_fill)


_SEQ = Column("seq", "序号", Kind.SEQ, 2)
_WHO = (Column("village", "村（社区）", width=7), Column("advisor", "法律顾问", width=4))
_LIAISON = Column("liaison", "联络员", width=4)
CONTACT_COLUMNS = (
    _SEQ,
    Column("township", "镇街", width=6),
    *_WHO,
    Column("organisation", "所属机构", width=9),
    Column("advisor_phone", "顾问电话", width=6),
    _LIAISON,
    Column("liaison_phone", "联络员电话", width=6),
)
PLAN_COLUMNS = (
    _SEQ,
    *_WHO,
    Column("taught", "本年已讲的法律重点", width=12),
    _blank("days", "计划坐班日", 8),
    _blank("topics", "计划讲座主题", 10),
    _blank("agreed", "村（社区）意见", 6),
)
DUTY_COLUMNS = (
    _SEQ,
    *_WHO,
    _LIAISON,
    _blank("day", "约定坐班时间", 9),
    Column("sat", "本月已坐班", width=16),
    _blank("note", "备注", 5),
)


def collect(desk: AskedDesk) -> Document:
    """The people of today, the plan of the year and the duty of the month, in a fixed number
    of queries; numbers in clear for whoever has to call, else masked."""
    day = local_date(desk.now)
    lines = _lines(desk, day)
    unnamed = sum(not line.liaison for line in lines)
    year = f"{desk.period.start.year}年"
    return desk.document(
        PaperKey.CONTACTS,
        sections=(
            section(CONTACT_COLUMNS, lines, title="一、联系人表"),
            section(
                PLAN_COLUMNS,
                lines,
                title=f"二、{year}服务计划表",
                notes=tuple(filter(None, (_asked(desk),))),
            ),
            section(DUTY_COLUMNS, lines, title=f"三、{desk.period.label}值班表"),
        ),
        lead=(
            f"联系人为{day:%Y年%-m月%-d日}在任的人员。"
            + (f"还有{unnamed}个村（社区）没有登记联络员。" if unnamed else ""),
        ),
        signatures=("制表人", "法律顾问", "村（社区）", "日期"),
    )


def _lines(desk: AskedDesk, day: date) -> list[Line]:
    terms: dict[int, list[Appointment]] = {}
    serving = Appointment.objects.visible_to(desk.viewer).serving_on(day)
    found = serving.filter(**desk.within("village__township"))
    for term in found.select_related("advisor__organisation", "advisor__user").order_by("pk"):
        terms.setdefault(term.village_id, []).append(term)
    liaisons = {each.village_id: each for each in _liaisons(desk)}
    taught, sat = _taught(desk), _sat(desk)
    lines = []
    for village in desk.villages():
        for own in terms.get(village.pk) or _NOBODY:
            contact = liaisons.get(village.pk)
            name, phone = told_of(contact, desk.viewer) if contact else ("", "")
            lines.append(
                Line(
                    township=desk.townships[village.township_id],
                    village=village.short_name,
                    advisor=own.advisor.name if own else "（空缺）",
                    organisation=own.advisor.organisation.name if own else "",
                    advisor_phone=_phone(desk, own),
                    liaison=name,
                    liaison_phone=phone,
                    taught=taught.get(village.pk, ""),
                    sat=sat.get(own.pk, "") if own else "",
                )
            )
    return lines


def _liaisons(desk: AskedDesk) -> list[Liaison]:
    found = Liaison.objects.visible_to(desk.viewer).serving()
    return list(found.filter(**desk.within("village__township")))


def _phone(desk: AskedDesk, term: Appointment | None) -> str:
    """The number of his account; "" for who has none."""
    if term is None or term.advisor.user is None:
        return ""
    phone = term.advisor.user.phone
    return phone.reveal() if desk.viewer.sees(Thing.CLIENTS) else str(phone)


def _taught(desk: AskedDesk) -> Mapping[int, str]:
    """By village: what was taught this year up to the end of the month."""
    year = date(desk.period.start.year, 1, 1)
    rows = Matter.objects.visible_to(desk.viewer).filter(
        kind__in=(MatterKind.LECTURE, MatterKind.TRAINING),
        log__state__in=SUBMITTED,
        log__service_date__gte=year,
        log__service_date__lt=desk.period.end,
        **desk.within("log__appointment__village__township"),
    )
    found: dict[int, list[str]] = {}
    for village, day, focus in rows.order_by("log__service_date", "pk").values_list(
        "log__appointment__village", "log__service_date", "focus"
    ):
        found.setdefault(village, []).append(f"{day.month}月：{focus or '未填写'}")
    return {village: "；".join(said) for village, said in found.items()}


def _sat(desk: AskedDesk) -> Mapping[int, str]:
    """By appointment: the month's days of duty with their hours."""
    logs = (
        ServiceLog.objects.visible_to(desk.viewer)
        .filter(
            purpose=Purpose.DUTY,
            state__in=SUBMITTED,
            **desk.within("appointment__village__township"),
        )
        .within(desk.period)
        .order_by("service_date", "started_at")
    )
    found: dict[int, list[str]] = {}
    for term, day, start, end in logs.values_list(
        "appointment", "service_date", "started_at", "ended_at"
    ):
        if start is not None and end is not None:
            said = f"{day.day}日{clock_of(day, start)}至{clock_of(day, end)}"
            found.setdefault(term, []).append(said)
    return {term: "；".join(said) for term, said in found.items()}


def _asked(desk: AskedDesk) -> str:
    """What the policy wants done in a village, in its rules' own words."""
    asked = [
        asked_every(rule.period.value, rule.title)
        for rule in rules_in_force(desk.bureau.pk, desk.period).values()
        if _is_work(rule)
    ]
    return f"政策要求的服务：{'、'.join(dict.fromkeys(asked))}。" if asked else ""


def _is_work(rule: Rule) -> bool:
    wanted = {Subject.APPOINTMENT, Subject.VILLAGE}
    done = rule.records is not None and rule.records.unit != "filing"
    return done and rule.force in DECIDING and bool(wanted & set(rule.subjects))
