"""What cannot wait for the week's digest: a grave matter, and a return near the close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from advisors.models import Advisor, Post
from assessments.enums import MessageKind
from assessments.handing import due_day
from assessments.messages.telling import Words, tell, tell_group
from assessments.models import MonthClose
from assessments.selectors import policy_for
from lawadvisor.accounts.models import User
from lawadvisor.foundation import jobs
from lawadvisor.foundation.models import Job
from lawadvisor.foundation.periods import Period
from villages.models import Village
from worklogs.enums import LogState, Recipient
from worklogs.incidents import DESK_OF, REPORTED
from worklogs.models import Incident, IncidentNotice, ServiceLog
from worklogs.services import RETURNED

#: From so many days before a month's end a return is urgent (ours).
NEAR_DAYS = 5


@jobs.handles(REPORTED)
def _reported(job: Job) -> None:
    """Everybody at a desk that must acknowledge it, and the bureau's groups without the place."""
    found = Incident.objects.select_related("village__township__bureau").get(
        pk=job.payload["incident"]
    )
    now, village = timezone.now(), found.village
    bureau, link = village.township.bureau, reverse("incident", args=[found.pk])
    for notice in IncidentNotice.objects.filter(incident=found, acknowledged_at=None):
        until = timezone.localtime(notice.due_at)
        text = (
            f"{village.short_name}有一件重大事项报告，"
            f"请在{until:%-m月%-d日%H:%M}前打开页面签收并跟进。"
        )
        for user in _desks(village, Recipient(notice.recipient)):
            key = f"incident:{found.pk}:{user.pk}"
            words = Words(
                kind=MessageKind.INCIDENT, title="重大事项待签收", text=text, link=link, key=key
            )
            tell(user=user, bureau=bureau, words=words, now=now)
    general = Words(
        kind=MessageKind.INCIDENT,
        title="重大事项待签收",
        text="有一件重大事项报告待签收，请有关人员登录工作平台，在“消息”中查看。",
        link=reverse("incidents"),
        key=f"incident:{found.pk}:group",
    )
    tell_group(bureau=bureau, words=general, now=now)


def _desks(village: Village, recipient: Recipient) -> Iterator[User]:
    """Who sits today at a desk that answers for this recipient."""
    roles = [role.value for role, answers in DESK_OF.items() if answers is recipient]
    place = (
        Q(village=village) | Q(township=village.township_id) | Q(bureau=village.township.bureau_id)
    )
    posts = Post.objects.filter(place, role__in=roles, term__contains=timezone.localdate())
    yield from User.objects.filter(pk__in=posts.values("user"), is_active=True).order_by("pk")


@jobs.handles(RETURNED)
def _returned(job: Job) -> None:
    """Once a day and month at most; what lies far from the close waits for the digest."""
    advisor = Advisor.objects.select_related("user", "organisation__bureau").get(
        pk=job.payload["advisor"]
    )
    month, today = Period.parse(job.payload["month"]), timezone.localdate()
    rows = ServiceLog.objects.filter(advisor=advisor, state=LogState.RETURNED).within(month)
    first = rows.select_related("appointment__village__township__bureau").first()
    if advisor.user is None or not advisor.user.is_active or first is None:
        return
    bureau = first.appointment.village.township.bureau
    closed = MonthClose.objects.filter(bureau=bureau, month=month.start).exists()
    if closed or today < month.end - timedelta(days=NEAR_DAYS):
        return
    due = due_day(policy_for(bureau, month.start), month)
    words = Words(
        kind=MessageKind.RETURNED,
        title="有记录被退回，临近关账",
        text=f"{month.label}有{rows.count()}条服务记录被退回，请{_by(due, today)}修改后重新提交。",
        link=reverse("mine"),
        key=f"returned:{advisor.pk}:{month.code}:{today}",
    )
    tell(user=advisor.user, bureau=bureau, words=words, now=timezone.now())


def _by(due: date | None, today: date) -> str:
    return f"在{due:%-m月%-d日}前" if due and due >= today else "尽快"
