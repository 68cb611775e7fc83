"""The week's digest: one message a person at most, of what is left at all of his desks.

Whoever has nothing left is told nothing. One job for each bureau; a person whose desks lie in
several bureaus is told by the first of them, of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from advisors.models import Advisor, Appointment, Post
from assessments.desk import last_full_month
from assessments.enums import MessageKind
from assessments.handing import UNREVIEWED, Standing
from assessments.left import Left, left_for_appointments
from assessments.messages.telling import Words, tell, tell_group
from assessments.reports.activity import SUBMITTED
from assessments.reports.desk import join_names
from assessments.review.grid import grid
from assessments.review.table import standing_of
from assessments.selectors import policy_for
from lawadvisor.accounts.models import User
from lawadvisor.foundation import jobs
from lawadvisor.foundation.models import Job
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township
from worklogs.enums import LogState
from worklogs.models import ServiceLog

DIGEST = "weekly_digest"
TITLE = "本周提醒"
#: So many things stand in one message; the page shows all.
MOST_ITEMS = 6
_DESKS = (Role.JUDICIAL_OFFICE, Role.BUREAU)


@dataclass(frozen=True, slots=True)
class Section:
    """What is left at one desk, and the page on which to do it."""

    text: str
    link: str


@dataclass(slots=True)
class _Person:
    user: User
    bureaus: set[int] = field(default_factory=set)
    posts: list[Post] = field(default_factory=list)
    advisor: Advisor | None = None


@transaction.atomic
def order_digests(*, today: date) -> int:
    """One job for each bureau and week; returns how many bureaus."""
    bureaus = list(Bureau.objects.all())
    for bureau in bureaus:
        order_digest(bureau=bureau, today=today)
    return len(bureaus)


def order_digest(*, bureau: Bureau, today: date) -> None:
    """Within a transaction: the week's, once however often it is ordered."""
    jobs.enqueue(
        kind=DIGEST,
        key=f"digest:{bureau.code}:{_week(today)}",
        payload={"bureau": bureau.pk, "day": today.isoformat()},
    )


@jobs.handles(DIGEST)
def _digest(job: Job) -> None:
    bureau = Bureau.objects.get(pk=job.payload["bureau"])
    day, now = date.fromisoformat(job.payload["day"]), timezone.now()
    told = [_tell(bureau, user, sections, day, now) for user, sections in composed(bureau, day)]
    if any(told):
        words = Words(
            kind=MessageKind.DIGEST,
            title=TITLE,
            text="本周的提醒已发到各人的“消息”，请登录工作平台查看。",
            link=reverse("messages"),
            key=f"digest:{_week(day)}:group:{bureau.pk}",
        )
        tell_group(bureau=bureau, words=words, now=now)


def _tell(
    bureau: Bureau, user: User, sections: Sequence[Section], day: date, now: datetime
) -> bool:
    link = sections[0].link if len(sections) == 1 else reverse("home")
    text = "\n".join(section.text for section in sections)
    key = f"digest:{_week(day)}:{user.pk}"
    words = Words(kind=MessageKind.DIGEST, title=TITLE, text=text, link=link, key=key)
    return tell(user=user, bureau=bureau, words=words, now=now) is not None


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


# ── who, and what is left ───────────────────────────────────────────────────────────────────────


def composed(bureau: Bureau, today: date) -> Iterator[tuple[User, list[Section]]]:
    """Everybody who is told by this bureau and has something left."""
    people = [each for each in _people(bureau, today) if min(each.bureaus) == bureau.pk]
    advisors = [each.advisor for each in people if each.advisor is not None]
    own = _of_advisors(advisors, today)
    places: dict[tuple[str, int], Section | None] = {}
    for person in people:
        found = [own.get(person.advisor.pk)] if person.advisor else []
        for post in person.posts:
            place = post.role, post.township_id or post.bureau_id or 0
            if place not in places:
                places[place] = _of_post(post, today)
            found.append(places[place])
        if sections := [section for section in found if section is not None]:
            yield person.user, sections


def _people(bureau: Bureau, today: date) -> Iterable[_Person]:
    """Whoever has a desk in the bureau, with all of his desks, wherever they are."""
    here = Q(bureau=bureau) | Q(township__bureau=bureau)
    running = Post.objects.filter(role__in=_DESKS, term__contains=today, user__is_active=True)
    advisors = Advisor.objects.filter(user__is_active=True).select_related("user", "organisation")
    users = {
        *running.filter(here).values_list("user", flat=True),
        *advisors.filter(organisation__bureau=bureau).values_list("user", flat=True),
    }
    found: dict[int, _Person] = {}
    posts = running.filter(user__in=users).select_related("user", "township__bureau", "bureau")
    for post in posts.order_by("pk"):
        person = found.setdefault(post.user_id, _Person(post.user))
        person.posts.append(post)
        place = post.township.bureau_id if post.township else post.bureau_id
        person.bureaus.add(place or 0)
    for advisor in advisors.filter(user__in=users):
        if advisor.user is not None:
            person = found.setdefault(advisor.user.pk, _Person(advisor.user))
            person.advisor = advisor
            person.bureaus.add(advisor.organisation.bureau_id)
    return found.values()


def _of_advisors(advisors: Sequence[Advisor], today: date) -> Mapping[int, Section]:
    """By advisor: what is left in his villages, and how many records came back."""
    serving = Appointment.objects.filter(advisor__in=advisors).serving_on(today)
    rows = list(serving.select_related("village__township__bureau").order_by("village__code"))
    by_pk = {row.pk: row for row in rows}
    items: dict[int, list[str]] = {}
    for left in left_for_appointments(rows, today):
        if left.decides and left.missing:
            row = by_pk[left.subject_id]
            items.setdefault(row.advisor_id, []).append(_owed(row, left))
    returned = dict(
        ServiceLog.objects.filter(advisor__in=advisors, state=LogState.RETURNED)
        .order_by()
        .values_list("advisor")
        .annotate(n=Count("pk"))
    )
    link = reverse("mine")
    found = {}
    for advisor in advisors:
        lines = []
        if count := returned.get(advisor.pk):
            lines.append(f"有{count}条服务记录被退回，请修改后重新提交。")
        if own := items.get(advisor.pk):
            lines.append(f"还没有完成：{_some(own)}。")
        if lines:
            found[advisor.pk] = Section("".join(lines), link)
    return found


def _owed(row: Appointment, left: Left) -> str:
    until = f"，{left.last_day:%-m月%-d日}前" if left.last_day else ""
    return f"{row.village.short_name}{left.title}（{left.progress}{until}）"


def _some(items: Sequence[str]) -> str:
    shown = "、".join(items[:MOST_ITEMS])
    return shown if len(items) <= MOST_ITEMS else f"{shown}等{len(items)}项"


def _of_post(post: Post, today: date) -> Section | None:
    if post.township is not None:
        return _of_office(post.township, today)
    return _of_bureau(post.bureau, today) if post.bureau is not None else None


def _of_office(township: Township, today: date) -> Section | None:
    """What is to be verified and handed in: of last month until it is, then of the running one."""
    last = last_full_month(today)
    stand = standing_of(township, last, policy_for(township.bureau, last.start))
    month = last if stand.reviewing else Period.containing(PeriodKind.MONTH, today)
    logs = ServiceLog.objects.filter(appointment__village__township=township).within(month)
    waiting = logs.filter(state__in=UNREVIEWED).count()
    items = [f"待核验服务记录{waiting}条"] if waiting else []
    if stand.reviewing:
        items.append(_to_hand_in(stand))
    if not items:
        return None
    text = f"{township.name}{month.label}：{'，'.join(items)}。"
    return Section(text, reverse("township-month", args=[township.code, month]))


def _to_hand_in(stand: Standing) -> str:
    """Without the reason of a return: what somebody typed goes into no message."""
    sent_back = stand.desk is not None and stand.desk.submitted_at is not None
    until = f"，最迟{stand.due:%-m月%-d日}" if stand.due else ""
    return "司法局已退回，请修改后重新报送" if sent_back else f"尚未报送司法局{until}"


def _of_bureau(bureau: Bureau, today: date) -> Section | None:
    """Which townships are silent: handed nothing in for last month, wrote nothing in this one."""
    last, running = last_full_month(today), Period.containing(PeriodKind.MONTH, today)
    whole = Viewer(user_id=None, role=Role.BUREAU, bureaus=frozenset({bureau.pk}))
    lines = grid(bureau=bureau, until=last, today=today, viewer=whole).lines
    unreported = [line.name for line in lines if line.cells[0].standing.reviewing]
    logs = ServiceLog.objects.filter(state__in=SUBMITTED).within(running)
    heard = logs.filter(appointment__village__township__bureau=bureau).order_by()
    writing = set(heard.values_list("appointment__village__township", flat=True))
    silent = [town.name for town in bureau.townships.order_by("code") if town.pk not in writing]
    items = []
    if unreported:
        items.append(f"{last.label}尚未报送：{join_names(unreported)}。")
    if silent:
        items.append(f"{running.label}还没有服务记录：{join_names(silent)}。")
    return Section("".join(items), reverse("bureau-months", args=[bureau.code])) if items else None
