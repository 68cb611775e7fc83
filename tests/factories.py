"""Rows for tests: plain functions, one row each, whatever it hangs on made along with it.

Every default can be replaced by a keyword. Names and codes are invented; codes count up so
that two calls never collide. ``make_appointment`` gives the advisor's next slot, all else is
constant: October 2026 is the month in which things happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from advisors.enums import AppointmentStatus, Category, OrganisationKind
from advisors.models import (
    Absence,
    Advisor,
    Appointment,
    Liaison,
    Organisation,
    Post,
    ServiceTeam,
)
from assessments.enums import (
    Channel,
    DeliveryState,
    FileFormat,
    MessageKind,
    MonthState,
    ReportKey,
    SubjectKind,
    VerdictStatus,
)
from assessments.models import (
    BureauChannel,
    DailyCheck,
    Delivery,
    FormFilling,
    FormTemplate,
    FormVersion,
    GeneratedFile,
    Message,
    MonthClose,
    MonthDesk,
    MonthlyBook,
    MonthlyCheck,
    Policy,
    PolicyDraft,
    Reopening,
    Rule,
    SpotCheck,
    SpotDraw,
    Verdict,
    Waiver,
)
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.models import ApiToken, SignIn, User
from lawadvisor.foundation.models import AuditEntry, BatchState, ImportBatch, Job
from lawadvisor.foundation.periods import Period, local_instant
from lawadvisor.foundation.roles import Role
from villages.enums import BureauKind, VillageKind
from villages.models import Bureau, Township, Village
from worklogs.enums import (
    AttachmentKind,
    FilingKind,
    FilingState,
    IncidentKind,
    IncidentLevel,
    LimitKey,
    LogState,
    MatterKind,
    Mode,
    NoteKind,
    Purpose,
    Recipient,
    RequestKind,
)
from worklogs.models import (
    Attachment,
    BureauLimit,
    Filing,
    Incident,
    IncidentNote,
    IncidentNotice,
    LiaisonLink,
    Matter,
    ServiceLog,
    ServiceRequest,
)

FIRST_DAY = date(2026, 1, 1)
DAY = date(2026, 10, 9)
OCTOBER = Period.month(2026, 10)

_number = count(1)


def term(start: date | None = FIRST_DAY, end: date | None = None) -> DateRange:
    """Half-open; ``end`` None is open-ended."""
    return DateRange(start, end)


def at(day: date, clock: str) -> datetime:
    """The instant at which Shanghai clocks show ``clock``, "24:00" being the end of the day."""
    hour, minute = clock.split(":")
    return local_instant(day, int(hour) * 60 + int(minute))


def make_bureau(**fields: Any) -> Bureau:
    n = next(_number)
    defaults = {"code": f"{990000 + n % 10000:06d}", "name": f"第{n}县司法局"}
    return Bureau.objects.create(**{**defaults, "kind": BureauKind.COUNTY, **fields})


def make_township(*, bureau: Bureau | None = None, **fields: Any) -> Township:
    bureau = bureau or make_bureau()
    n = next(_number)
    defaults = {
        "code": f"{bureau.code}{n % 1000:03d}",
        "name": f"第{n}镇",
        "judicial_office": f"第{n}司法所",
    }
    return Township.objects.create(bureau=bureau, **{**defaults, **fields})


def make_village(*, township: Township | None = None, **fields: Any) -> Village:
    township = township or make_township()
    n = next(_number)
    defaults = {
        "code": f"{township.code}{n % 1000:03d}",
        "name": f"第{n}村委会",
        "kind": VillageKind.VILLAGE,
    }
    return Village.objects.create(township=township, **{**defaults, **fields})


def make_organisation(*, bureau: Bureau | None = None, **fields: Any) -> Organisation:
    defaults = {"name": f"第{next(_number)}律师事务所", "kind": OrganisationKind.LAW_FIRM}
    return Organisation.objects.create(bureau=bureau or make_bureau(), **{**defaults, **fields})


def make_advisor(*, organisation: Organisation | None = None, **fields: Any) -> Advisor:
    n = next(_number)
    defaults = {
        "name": f"顾问{n}",
        "category": Category.LAWYER,
        "licence_no": f"1430420{n:010d}",
    }
    return Advisor.objects.create(
        organisation=organisation or make_organisation(), **{**defaults, **fields}
    )


def make_appointment(
    *, advisor: Advisor | None = None, village: Village | None = None, **fields: Any
) -> Appointment:
    advisor = advisor or make_advisor()
    defaults = {
        "term": term(),
        "status": AppointmentStatus.ACTIVE,
        "slot": advisor.appointments.count() + 1,
    }
    return Appointment.objects.create(
        advisor=advisor, village=village or make_village(), **{**defaults, **fields}
    )


def make_log(
    *,
    appointment: Appointment | None = None,
    day: date = DAY,
    start: str | None = "09:00",
    end: str | None = "13:00",
    **fields: Any,
) -> ServiceLog:
    """A submitted visit of four hours; ``start`` and ``end`` are Shanghai clock times."""
    appointment = appointment or make_appointment()
    defaults = {
        "advisor": appointment.advisor,
        "service_date": day,
        "started_at": at(day, start) if start else None,
        "ended_at": at(day, end) if end else None,
        "mode": Mode.ON_SITE,
        "purpose": Purpose.DUTY,
        "state": LogState.SUBMITTED,
        "entered_at": at(day, "20:00"),
    }
    fields.setdefault("entered_by", appointment.advisor.user or make_user())
    return ServiceLog.objects.create(appointment=appointment, **{**defaults, **fields})


def make_matter(*, log: ServiceLog | None = None, **fields: Any) -> Matter:
    defaults = {"kind": MatterKind.CONSULTATION}
    return Matter.objects.create(log=log or make_log(), **{**defaults, **fields})


def make_filing(
    *,
    village: Village | None = None,
    advisor: Advisor | None = None,
    township: Township | None = None,
    bureau: Bureau | None = None,
    **fields: Any,
) -> Filing:
    """A village's, unless a township or, alone, a bureau is given."""
    defaults = {
        "kind": FilingKind.SUGGESTION_REPORT,
        "period_start": date(2026, 1, 1),
        "period_end": date(2027, 1, 1),
        "title": "法治提升建议报告",
        "state": FilingState.SUBMITTED,
        "filed_on": DAY,
    }
    if township is None and bureau is None:
        village, advisor = village or make_village(), advisor or make_advisor()
    place = village.township if village else township
    return Filing.objects.create(
        bureau=place.bureau if place else bureau,
        township=township,
        village=village,
        advisor=advisor,
        **{**defaults, **fields},
    )


def make_team(*, organisation: Organisation | None = None, **fields: Any) -> ServiceTeam:
    defaults = {"name": f"第{next(_number)}团队"}
    return ServiceTeam.objects.create(
        organisation=organisation or make_organisation(), **{**defaults, **fields}
    )


def make_absence(*, appointment: Appointment | None = None, **fields: Any) -> Absence:
    """The second week of October 2026, unless ``days`` says otherwise."""
    defaults = {
        "days": term(date(2026, 10, 8), date(2026, 10, 15)),
        "reason": "病假",
        "approved_by": "李四",
    }
    return Absence.objects.create(
        appointment=appointment or make_appointment(), **{**defaults, **fields}
    )


def make_attachment(*, matter: Matter | None = None, **fields: Any) -> Attachment:
    """A photo's row; the bytes are not written."""
    defaults = {
        "kind": AttachmentKind.PHOTO,
        "checksum": sha256(b"photo").hexdigest(),
        "size": 5,
        "media_type": "image/jpeg",
        "added_at": at(DAY, "20:00"),
    }
    return Attachment.objects.create(matter=matter or make_matter(), **{**defaults, **fields})


def make_batch(*, bureau: Bureau | None = None, **fields: Any) -> ImportBatch:
    """A checked file of villages with nothing in it; the file itself is not written."""
    defaults = {
        "kind": "villages",
        "file_name": "名册.xlsx",
        "checksum": sha256(b"book").hexdigest(),
        "size": 4,
        "state": BatchState.CHECKED,
        "counts": {"bad": 0, "bad_rows": 0},
        "created_by_id": 0,
        "created_by": "李四",
    }
    return ImportBatch.objects.create(
        bureau_id=(bureau or make_bureau()).pk, **{**defaults, **fields}
    )


def make_liaison(*, village: Village | None = None, **fields: Any) -> Liaison:
    """In office since the first day of the terms."""
    defaults = {"name": "赵六", "phone": "13700000000", "since": FIRST_DAY}
    return Liaison.objects.create(village=village or make_village(), **{**defaults, **fields})


def make_link(*, liaison: Liaison | None = None, **fields: Any) -> LiaisonLink:
    """A link whose token nobody knows, open for a week from the evening of ``DAY``."""
    defaults = {
        "token_hash": sha256(str(next(_number)).encode()).hexdigest(),
        "made_at": at(DAY, "20:00"),
        "expires_at": at(date(2026, 10, 16), "20:00"),
    }
    fields.setdefault("made_by", make_user())
    return LiaisonLink.objects.create(liaison=liaison or make_liaison(), **{**defaults, **fields})


def make_limit(*, bureau: Bureau | None = None, **fields: Any) -> BureauLimit:
    defaults = {"key": LimitKey.HARD_DAYS, "amount": 5}
    return BureauLimit.objects.create(bureau=bureau or make_bureau(), **{**defaults, **fields})


def make_request(*, village: Village | None = None, **fields: Any) -> ServiceRequest:
    """A hard question of the morning of ``DAY``, due a week later."""
    defaults = {
        "kind": RequestKind.HARD,
        "text": "集体土地能否抵押？",
        "raised_as": Role.TOWNSHIP,
        "raised_at": at(DAY, "09:00"),
        "due_on": date(2026, 10, 16),
    }
    if "liaison" not in fields:
        fields.setdefault("raised_by", make_user())
    return ServiceRequest.objects.create(
        village=village or make_village(), **{**defaults, **fields}
    )


def make_incident(
    *,
    appointment: Appointment | None = None,
    recipients: Sequence[str] = (Recipient.OFFICE, Recipient.BUREAU),
    **fields: Any,
) -> Incident:
    """Reported at noon of ``DAY``, to be read within a day by each of the recipients."""
    appointment = appointment or make_appointment()
    defaults = {
        "village": appointment.village,
        "advisor": appointment.advisor,
        "kind": IncidentKind.MASS_INCIDENT,
        "level": IncidentLevel.URGENT,
        "happened_at": at(DAY, "11:00"),
        "submitted_at": at(DAY, "12:00"),
        "place": "村委会门口",
        "facts": "征地补偿款分配引发争执",
    }
    fields.setdefault("entered_by", appointment.advisor.user or make_user())
    made = Incident.objects.create(**{**defaults, **fields})
    for each in recipients:
        due_at = made.submitted_at + timedelta(hours=24)
        IncidentNotice.objects.create(incident=made, recipient=each, due_at=due_at)
    return made


def make_note(*, incident: Incident | None = None, **fields: Any) -> IncidentNote:
    defaults = {"kind": NoteKind.FOLLOW_UP, "text": "已到现场", "at": at(DAY, "15:00")}
    fields.setdefault("by", make_user())
    return IncidentNote.objects.create(
        incident=incident or make_incident(), **{**defaults, **fields}
    )


def make_waiver(*, bureau: Bureau | None = None, **fields: Any) -> Waiver:
    """For the bureau itself in October 2026."""
    bureau = bureau or make_bureau()
    defaults = {
        "rule_key": "ZX-34",
        "subject_kind": SubjectKind.BUREAU,
        "subject_id": bureau.pk,
        "period_start": OCTOBER.start,
        "reason": "防汛",
        "approved_by": "李四",
    }
    return Waiver.objects.create(bureau=bureau, **{**defaults, **fields})


def make_draft(*, bureau: Bureau | None = None, **fields: Any) -> PolicyDraft:
    defaults = {"title": "2027年修订稿", "text": ""}
    fields.setdefault("changed_by", make_user())
    return PolicyDraft.objects.create(bureau=bureau or make_bureau(), **{**defaults, **fields})


def make_user(*, password: str | None = None, **fields: Any) -> User:
    """``password`` None: an account that cannot sign in, but can be forced in by a client."""
    n = next(_number)
    defaults = {"username": f"user{n}", "name": f"人员{n}"}
    return User.objects.create_user(password=password, **{**defaults, **fields})


def make_post(*, user: User | None = None, role: Role, **fields: Any) -> Post:
    """``role`` says whether ``bureau``, ``township`` or neither belongs to it."""
    return Post.objects.create(user=user or make_user(), role=role, **{"term": term(), **fields})


def make_audit_entry(*, bureau: Bureau | None = None, **fields: Any) -> AuditEntry:
    bureau = bureau or make_bureau()
    defaults = {
        "actor_name": "李四",
        "verb": "appointment.open",
        "subject_type": "villages.bureau",
        "subject_id": bureau.pk,
        "subject_label": bureau.name,
        "bureau_id": bureau.pk,
    }
    return AuditEntry.objects.create(**{**defaults, **fields})


def make_job(**fields: Any) -> Job:
    return Job.objects.create(**{"kind": "judge_desk", "key": f"job{next(_number)}", **fields})


def make_sign_in(*, user: User | None = None, **fields: Any) -> SignIn:
    """A success; ``at`` is always now, as the register has it."""
    user = user or make_user()
    defaults = {
        "user_id": user.pk,
        "name": user.username,
        "outcome": Outcome.SUCCESS,
        "address": "192.0.2.7",
    }
    return SignIn.objects.create(**{**defaults, **fields})


def make_api_token(*, user: User | None = None, **fields: Any) -> ApiToken:
    """Of a text that nobody knows."""
    user = user or make_user()
    defaults = {
        "name": "平板",
        "digest": sha256(f"{next(_number)}".encode()).hexdigest(),
        "session_hash": user.get_session_auth_hash(),
        "expires_at": at(date(2099, 1, 1), "12:00"),
    }
    return ApiToken.objects.create(user=user, **{**defaults, **fields})


def make_policy(*, bureau: Bureau | None = None, **fields: Any) -> Policy:
    defaults = {
        "key": "ZX",
        "title": "一村（社区）一法律顾问工作办法",
        "source": "测试文件",
        "effective_from": FIRST_DAY,
        "checksum": sha256(b"policy").hexdigest(),
    }
    return Policy.objects.create(bureau=bureau or make_bureau(), **{**defaults, **fields})


def make_rule(*, policy: Policy | None = None, **fields: Any) -> Rule:
    n = next(_number)
    defaults = {
        "key": f"rule{n}",
        "title": f"规则{n}",
        "clause": "第一条",
        "phrase": "每月至少一次",
        "definition": {},
        "position": 1,
    }
    return Rule.objects.create(policy=policy or make_policy(), **{**defaults, **fields})


def make_close(*, policy: Policy | None = None, **fields: Any) -> MonthClose:
    """The first close of October 2026 by the policy's bureau."""
    policy = policy or make_policy()
    defaults = {
        "bureau": policy.bureau,
        "month": OCTOBER.start,
        "planned": 1,
        "opened_by": "系统",
    }
    return MonthClose.objects.create(policy=policy, **{**defaults, **fields})


def make_month_desk(*, township: Township | None = None, **fields: Any) -> MonthDesk:
    """October 2026, under review."""
    defaults = {"month": OCTOBER.start, "state": MonthState.UNDER_REVIEW, "changed_by": "李四"}
    return MonthDesk.objects.create(township=township or make_township(), **{**defaults, **fields})


def make_check(*, village: Village | None = None, **fields: Any) -> MonthlyCheck:
    """Of the village as a whole in October 2026, by telephone, all true; nobody has answered."""
    village = village or make_village()
    filing = Filing.objects.create(
        kind=FilingKind.MONTHLY_CHECK,
        bureau=village.township.bureau,
        village=village,
        advisor=fields.pop("advisor", None),
        period_start=OCTOBER.start,
        period_end=OCTOBER.end,
        title="每月核查记录",
        state=FilingState.SUBMITTED,
        filed_on=DAY,
    )
    defaults = {"method": "phone", "outcome": "true", "records": 2, "checked_by": "李四"}
    return MonthlyCheck.objects.create(filing=filing, **{**defaults, **fields})


def make_spot_check(*, appointment: Appointment | None = None, **fields: Any) -> SpotCheck:
    """Of October 2026, drawn by chance, all true; nobody has answered."""
    appointment = appointment or make_appointment()
    drawn = SpotDraw.objects.create(
        township=appointment.village.township,
        month=OCTOBER.start,
        seed=7,
        size=1,
        population=1,
        chosen=[[appointment.pk, []]],
        drawn_at=at(date(2026, 11, 2), "09:00"),
        drawn_by="李四",
    )
    defaults = {"method": "phone", "outcome": "true", "records": 2, "checked_by": "李四"}
    defaults |= {"draw": drawn, "checked_at": at(date(2026, 11, 3), "09:00")}
    return SpotCheck.objects.create(appointment=appointment, **{**defaults, **fields})


def make_book(*, appointment: Appointment | None = None, **fields: Any) -> MonthlyBook:
    """The paper journal of October 2026, printed and not received yet."""
    appointment = appointment or make_appointment()
    filing = Filing.objects.create(
        kind=FilingKind.LOGBOOK,
        bureau=appointment.village.township.bureau,
        village=appointment.village,
        advisor=appointment.advisor,
        period_start=OCTOBER.start,
        period_end=OCTOBER.end,
        title="纸质工作日志",
    )
    defaults = {
        "number": f"{OCTOBER.code}-{appointment.village.code}-{appointment.pk}",
        "checksum": sha256(b"book").hexdigest(),
        "records": 2,
        "issued_at": at(DAY, "20:00"),
    }
    return MonthlyBook.objects.create(filing=filing, **{**defaults, **fields})


def make_reopening(*, village: Village | None = None, **fields: Any) -> Reopening:
    """October 2026, open again for three days of November."""
    defaults = {
        "month": OCTOBER.start,
        "reason": "漏录",
        "opened_at": at(date(2026, 11, 10), "09:00"),
        "expires_at": at(date(2026, 11, 13), "09:00"),
        "opened_by": "李四",
    }
    return Reopening.objects.create(village=village or make_village(), **{**defaults, **fields})


def make_daily_check(*, policy: Policy | None = None, **fields: Any) -> DailyCheck:
    policy = policy or make_policy()
    defaults = {"bureau": policy.bureau, "day": DAY, "counts": {}, "findings": []}
    return DailyCheck.objects.create(policy=policy, **{**defaults, **fields})


def make_verdict(
    *, close: MonthClose | None = None, rule: Rule | None = None, **fields: Any
) -> Verdict:
    """On the whole bureau, unless ``subject_kind`` and its column say otherwise."""
    close = close or make_close()
    defaults = {
        "rule": rule or make_rule(policy=close.policy),
        "subject_kind": SubjectKind.BUREAU,
        "period_start": OCTOBER.start,
        "period_end": OCTOBER.end,
        "status": VerdictStatus.MET,
        "required": Decimal(1),
        "actual": Decimal(1),
        "missing": Decimal(0),
        "explanation": {},
    }
    return Verdict.objects.create(close=close, **{**defaults, **fields})


def make_file(*, close: MonthClose | None = None, **fields: Any) -> GeneratedFile:
    """The whole bureau's summary, unless ``township`` is given; the bytes are not written."""
    defaults = {
        "report": ReportKey.MONTHLY_SUMMARY,
        "format": FileFormat.PDF,
        "checksum": sha256(b"paper").hexdigest(),
        "size": 5,
    }
    return GeneratedFile.objects.create(close=close or make_close(), **{**defaults, **fields})


def make_form_version(*, bureau: Bureau | None = None, **fields: Any) -> FormVersion:
    """The first of a form with nothing set; the blank itself is not written."""
    form = FormTemplate.objects.create(
        bureau=bureau or make_bureau(), name=f"第{next(_number)}号报表", made_by="李四"
    )
    checksum = sha256(b"blank").hexdigest()
    defaults = {"number": 1, "file_name": "空表.xlsx", "checksum": checksum, "size": 5}
    return FormVersion.objects.create(form=form, made_by="李四", **{**defaults, **fields})


def make_filling(*, version: FormVersion | None = None, **fields: Any) -> FormFilling:
    """October 2026, not closed, with one cell; the file itself is not written."""
    cell = {
        "sheet": "表",
        "cell": "C5",
        "indicator": "consultations",
        "span": "month",
        "place": "bureau",
        "code": "",
        "row": "",
        "column": "咨询",
        "title": "解答法律咨询",
        "unit": "件",
        "where": "全局",
        "amount": 0,
        "parts": [],
    }
    until = at(DAY, "20:00").isoformat()
    defaults = {
        "month": OCTOBER.start,
        "number": 1,
        "is_draft": True,
        "figures": {
            "cells": [cell],
            "months": [{"month": OCTOBER.code, "until": until, "revision": 0}],
            "open": [OCTOBER.label],
            "grounds": {},
        },
        "checksum": sha256(b"filled").hexdigest(),
        "size": 6,
        "made_by": "李四",
    }
    version = version or make_form_version()
    return FormFilling.objects.create(version=version, **{**defaults, **fields})


def make_message(
    *, user: User | None = None, bureau: Bureau | None = None, **fields: Any
) -> Message:
    """A digest that nobody has read, told in the portal."""
    defaults = {
        "kind": MessageKind.DIGEST,
        "title": "本周提醒",
        "text": "本月还有2项没有完成。",
        "link": "/",
        "key": f"message{next(_number)}",
        "made_at": at(DAY, "08:00"),
    }
    made = Message.objects.create(
        user=user or make_user(), bureau=bureau or make_bureau(), **{**defaults, **fields}
    )
    Delivery.objects.create(message=made, channel=Channel.IN_APP, state=DeliveryState.SENT, tries=1)
    return made


def make_channel(*, bureau: Bureau | None = None, **fields: Any) -> BureauChannel:
    defaults = {"channel": Channel.EMAIL}
    return BureauChannel.objects.create(bureau=bureau or make_bureau(), **{**defaults, **fields})
