"""What a township knows of its villages' contacts, and of records that nobody vouched for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from advisors.liaisons import told_of
from advisors.models import Liaison
from lawadvisor.foundation.viewer import Viewer
from villages.models import Township, Village
from worklogs.confirming import unanswered, waiting
from worklogs.enums import LimitKey
from worklogs.limits import limit_of
from worklogs.links import VALID_DAYS
from worklogs.models import LiaisonLink, ServiceLog


@dataclass(frozen=True, slots=True)
class Contact:
    """A village's contact as one viewer may see him; name and number "" where there is none.

    ``link`` is his link that was not taken back, ``is_open`` whether it opens now. ``waiting``
    records wait for him, ``late`` of them for longer than the bureau's number of days.
    """

    village: Village
    name: str
    phone: str
    link: LiaisonLink | None
    is_open: bool
    waiting: int
    late: int


def contacts_of(township: Township, *, viewer: Viewer, now: datetime) -> tuple[Contact, ...]:
    """Of every village of the township that the viewer sees, in a fixed number of queries."""
    villages = list(
        Village.objects.visible_to(viewer)
        .active()
        .filter(township=township)
        .select_related("township")
        .order_by("code")
    )
    return _contacts(villages, viewer=viewer, now=now)


def contact_of(village: Village, *, viewer: Viewer, now: datetime) -> Contact:
    return _contacts([village], viewer=viewer, now=now)[0]


def _contacts(villages: list[Village], *, viewer: Viewer, now: datetime) -> tuple[Contact, ...]:
    ids = [village.pk for village in villages]
    days = limit_of(villages[0].township.bureau_id, LimitKey.CONFIRM_DAYS) if villages else 0
    serving = {
        liaison.village_id: liaison
        for liaison in Liaison.objects.visible_to(viewer).serving().filter(village__in=ids)
    }
    links = {
        link.liaison_id: link
        for link in LiaisonLink.objects.visible_to(viewer)
        .standing()
        .filter(liaison__in=serving.values())
    }
    late = Q(pk__in=unanswered(ids, now=now, days=days).values("pk"))
    counts = {
        village: (all_of_them, old)
        for village, all_of_them, old in waiting(ids)
        .order_by()
        .values_list("appointment__village")
        .annotate(all=Count("pk"), late=Count("pk", filter=late))
    }

    def contact(village: Village) -> Contact:
        liaison = serving.get(village.pk)
        link = links.get(liaison.pk) if liaison else None
        name, phone = told_of(liaison, viewer) if liaison else ("", "")
        return Contact(
            village=village,
            name=name,
            phone=phone,
            link=link,
            is_open=link is not None and link.expires_at > now,
            waiting=counts.get(village.pk, (0, 0))[0],
            late=counts.get(village.pk, (0, 0))[1],
        )

    return tuple(map(contact, villages))


def late_records(village: Village, *, viewer: Viewer, now: datetime) -> list[ServiceLog]:
    """What the contact of a village has left unanswered, the oldest first."""
    days = limit_of(village.township.bureau_id, LimitKey.CONFIRM_DAYS)
    late = unanswered(village, now=now, days=days).values("pk")
    logs = ServiceLog.objects.visible_to(viewer).filter(pk__in=late)
    return list(logs.select_related("advisor").order_by("service_date", "started_at"))


def invitation(contact: Contact, address: str) -> str:
    """The words to copy into WeChat."""
    office = contact.village.township.judicial_office
    return (
        f"{contact.name}您好，我是{office}。请打开下面的链接，确认法律顾问在"
        f"{contact.village.short_name}的服务记录，不用注册、不用密码，点一下就好：\n{address}\n"
        f"链接{VALID_DAYS}天内有效，只供您本人使用，请勿转发。"
    )
