"""What passes between the desks: contacts, months handed in, questions, and grave matters.

Written by the portal's own services where they take the moment as an argument, so that registers
and clocks stand as they would. Who has no account is an invented name.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from advisors.models import Appointment, Liaison, Post
from assessments.field.incidents import recipients_of
from assessments.handing import accept_month, due_day, submit_month
from assessments.models import MonthDesk
from assessments.selectors import policy_for
from lawadvisor.accounts.models import User
from lawadvisor.demo.filler import Filler
from lawadvisor.demo.names import person_name, phone_number
from lawadvisor.demo.spec import CountySpec
from lawadvisor.foundation.periods import local_instant
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import Actor
from villages.models import Bureau, Township, Village
from worklogs import asking, incidents
from worklogs.asking import Wish
from worklogs.enums import IncidentKind, IncidentLevel, NoteKind, Recipient, RequestKind

#: So many of a hundred villages have a contact; the others are what an office still has to name.
WITH_CONTACT = 94
QUESTIONS = {
    RequestKind.VISIT: "{group}有几户想当面问{crop}地租赁的事，请顾问方便时来一趟",
    RequestKind.ADVICE: "村民问：借给{other}的{money}没有欠条，只有转账记录，能不能要回来",
    RequestKind.HARD: "{group}有{area}土地四至不清，{homes}都说是自家的，请帮助研究怎么处理",
}
ANSWER = "已电话答复：转账记录可以作为证据，先书面催款并留存，三年内可以起诉"
GRAVE = "{group}{homes}因{area}土地补偿款分配不服，准备{people}一起到镇里反映"
OPINION = "已到场：分配方案须经村民会议讨论决定，建议暂缓发放，先公开账目并逐户核对"
AFTERWARDS = "村委会已张贴账目，{homes}签字同意重新表决"
SETTLED = "村民会议通过新的分配方案，无人再提异议"


class Asked(NamedTuple):
    """A question ``days`` ago and how it went on: nothing more, taken up, or answered."""

    days: int
    kind: RequestKind
    went_on: str


#: One late, one taken up, one answered and one fresh: what an advisor's home can show.
ASKED = (
    Asked(12, RequestKind.HARD, "open"),
    Asked(5, RequestKind.ADVICE, "accepted"),
    Asked(20, RequestKind.ADVICE, "answered"),
    Asked(1, RequestKind.VISIT, "open"),
)


def fill_desks(spec: CountySpec) -> None:
    """Once, after policy and accounts, before the last month is closed."""
    bureau = Bureau.objects.get(code=spec.code)
    _name_contacts(spec, bureau)
    serving = list(
        Appointment.objects.serving_on(spec.today)
        .filter(village__township__bureau=bureau, village__liaisons__isnull=False)
        .select_related("village__township__bureau", "advisor__user")
        .order_by("village__code")
    )
    _hand_in(spec, bureau)
    _ask(spec, serving)
    _report(spec, bureau, serving)


def _name_contacts(spec: CountySpec, bureau: Bureau) -> None:
    rng, since = spec.stream("contacts"), spec.periods[0].start
    Liaison.objects.bulk_create(
        Liaison(village=village, name=person_name(rng), phone=phone_number(rng), since=since)
        for village in Village.objects.filter(township__bureau=bureau).order_by("code")
        if rng.randrange(100) < WITH_CONTACT
    )


def _hand_in(spec: CountySpec, bureau: Bureau) -> None:
    """The last month: the first is accepted, the last but one comes late, the last is silent."""
    rng, month = spec.stream("handing in"), spec.periods[-1]
    policy = policy_for(bureau, month.start)
    due = due_day(policy, month)
    if due is None:
        raise ValueError("months are handed in under a policy")
    townships = list(bureau.townships.order_by("code"))[:-1]
    for number, township in enumerate(townships):
        submit_month(
            by=_clerk(rng, Role.JUDICIAL_OFFICE, township=township),
            township=township,
            month=month,
            today=spec.today,
            unreviewed_too=True,
        )
        day = due + timedelta(days=2) if number == len(townships) - 1 else due
        MonthDesk.objects.filter(township=township, month=month.start).update(
            submitted_at=local_instant(day, rng.randrange(9 * 60, 17 * 60))
        )
    accept_month(by=_clerk(rng, Role.BUREAU, bureau=bureau), township=townships[0], month=month)


def _ask(spec: CountySpec, serving: Sequence[Appointment]) -> None:
    """The first questions are for the village of the demo login's advisor, who is the first."""
    rng = spec.stream("questions")
    filler = Filler(rng)
    login = f"{spec.login_prefix}-advisor"
    own = [one for one in serving if one.advisor.user and one.advisor.user.username == login]
    for asked, one in zip(ASKED * 2, [*own, *serving][: 2 * len(ASKED)], strict=False):
        raised_at = _moment(spec, rng, asked.days)
        request, _ = asking.raise_request(
            by=Actor(user_id=None, name=f"{one.village.short_name}联络员"),
            village=one.village,
            wish=Wish(kind=asked.kind, text=QUESTIONS[asked.kind].format_map(filler)),
            role=Role.LIAISON,
            client_uuid=_number(rng),
            now=raised_at,
            liaison=Liaison.objects.serving().get(village=one.village),
        )
        if asked.went_on == "open":
            continue
        by = _as_actor(one)
        asking.accept_request(by=by, request=request, advisor=one.advisor)
        if asked.went_on == "answered":
            asking.answer_request(
                by=by,
                request=request,
                advisor=one.advisor,
                now=raised_at + timedelta(hours=20),
                text=ANSWER,
            )


def _report(spec: CountySpec, bureau: Bureau, serving: Sequence[Appointment]) -> None:
    """One that nobody at the bureau has read in time, and one that is over."""
    rng = spec.stream("grave matters")
    filler = Filler(rng)
    for days, one in zip((3, 40), serving[-2:], strict=True):
        happened_at = _moment(spec, rng, days)
        by, told_at = _as_actor(one), happened_at + timedelta(hours=2)
        incident, _ = incidents.report_incident(
            by=by,
            appointment=one,
            report=incidents.Report(
                kind=IncidentKind.MASS_PETITION,
                level=IncidentLevel.SERIOUS,
                happened_at=happened_at,
                place="村部",
                facts=GRAVE.format_map(filler),
                people=rng.randint(8, 30),
            ),
            recipients=recipients_of(bureau),
            client_uuid=_number(rng),
            now=told_at,
        )
        if days < 30:
            continue
        office = _clerk(rng, Role.BUREAU, bureau=bureau)
        for recipient in incident.notices.values_list("recipient", flat=True):
            incidents.acknowledge(
                by=office,
                incident=incident,
                recipient=Recipient(recipient),
                now=told_at + timedelta(hours=1),
            )
        for kind, text in ((NoteKind.OPINION_ON_SITE, OPINION), (NoteKind.FOLLOW_UP, AFTERWARDS)):
            incidents.add_note(
                by=by,
                incident=incident,
                kind=kind,
                text=text.format_map(filler),
                now=told_at + timedelta(days=1),
            )
        incidents.close_incident(by=office, incident=incident, reason=SETTLED)


def _clerk(rng: Random, role: Role, **place: Bureau | Township) -> Actor:
    """Who sits at that desk, else somebody of an invented name."""
    post = Post.objects.filter(role=role, **place).select_related("user").first()
    if post is None:
        return Actor(user_id=None, name=person_name(rng))
    return Actor(user_id=post.user_id, name=post.user.name)


def _as_actor(appointment: Appointment) -> Actor:
    user = User.objects.get(advisor=appointment.advisor_id)
    return Actor(user_id=user.pk, name=user.name)


def _moment(spec: CountySpec, rng: Random, days: int) -> datetime:
    """In the working hours of that day before ``spec.today``."""
    return local_instant(spec.today - timedelta(days=days), rng.randrange(8 * 60, 17 * 60))


def _number(rng: Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)
