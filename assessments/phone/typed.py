"""A visit as the log screen holds it: every field as it was typed, nothing judged."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import QueryDict

from assessments.phone.prefill import NOBODY_CAME, Place
from lawadvisor.foundation.requests import number_in
from worklogs import rules
from worklogs.entries import session_told
from worklogs.enums import Mode
from worklogs.faces import open_text, sealed_columns
from worklogs.models import Matter, ServiceLog

OTHER = "other"
#: Whole hours that are one tap.
HOUR_CHIPS = (1, 2, 4, 8)
#: So many things in one visit; more is a second visit.
MOST_MATTERS = 10
TEXTS = ("topic", "focus", "client", "phone", "special_group", "content", "method", "result")
_ASKED = ("pk", *TEXTS, "audience", "succeeded")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMatter:
    """One thing done. ``pk`` names the matter that is told anew, "" is another one."""

    pk: str = ""
    kind: str = ""
    topic: str = ""
    focus: str = ""
    client: str = ""
    phone: str = ""
    special_group: str = ""
    content: str = ""
    method: str = ""
    result: str = ""
    audience: str = ""
    succeeded: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedVisit:
    """The log screen as it stands; ``hours`` OTHER means that ``end`` was typed. ``length`` is how
    long it took in one's own words, and has the last word unless it is empty.

    ``purpose`` "" is told by the kinds. Several ``villages`` share the day and what was done,
    one after the other.
    """

    uuid: str
    villages: tuple[str, ...] = ()
    day: str = ""
    other_day: str = ""
    start: str = ""
    hours: str = ""
    length: str = ""
    end: str = ""
    mode: str = Mode.ON_SITE
    purpose: str = ""
    place: str = ""
    matters: tuple[TypedMatter, ...] = (TypedMatter(),)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(matter.kind for matter in self.matters if matter.kind)


# ── filling in and taking down ──────────────────────────────────────────────────────────────────


def prefilled(
    places: Sequence[Place], *, today: date, chosen: str = "", again: bool = False
) -> TypedVisit:
    """A screen on which a visit like the last one is only to be saved.

    ``chosen`` names the appointment, else the first; ``again`` also takes what was done.
    """
    visit = TypedVisit(uuid=str(uuid.uuid4()), day=today.isoformat())
    if not places:
        return visit
    place = next((each for each in places if str(each.pk) == chosen), places[0])
    end = min(place.start + place.minutes, rules.DAY_MINUTES)
    return replace(
        visit,
        villages=(str(place.pk),),
        start=rules.clock(place.start),
        hours=_chip_of(end - place.start),
        end=rules.clock(end),
        mode=place.mode,
        purpose=place.purpose if again else "",
        place=place.place,
        matters=tuple(TypedMatter(kind=kind) for kind in place.kinds if again) or visit.matters,
    )


def typed_from(post: QueryDict) -> TypedVisit:
    """What was sent, nothing judged yet; at most ``MOST_MATTERS`` matters."""
    count = number_in(post.get("matters", "1"), digits=2)
    wanted = 1 if count is None else count
    return TypedVisit(
        uuid=post.get("uuid", ""),
        villages=tuple(post.getlist("village")),
        **{
            name: post.get(name, "")
            for name in (
                *("day", "other_day", "start", "hours", "length", "end"),
                *("mode", "purpose", "place"),
            )
        },
        matters=tuple(
            TypedMatter(
                kind=post.get(f"m{n}-kind", ""),
                marks=tuple(post.getlist(f"m{n}-marks")),
                **{name: post.get(f"m{n}-{name}", "") for name in _ASKED},
            )
            for n in range(min(max(wanted, 1), MOST_MATTERS))
        ),
    )


def with_one_more(typed: TypedVisit) -> TypedVisit:
    """One more thing in the same visit, unless there are ``MOST_MATTERS``."""
    return replace(typed, matters=(*typed.matters, TypedMatter())[:MOST_MATTERS])


def typed_of(log: ServiceLog, today: date) -> TypedVisit:
    """A record as the screen shows it, to be changed; what is sealed is left empty."""
    told = session_told(log)
    day, start, end = log.service_date, told["start"] or 0, told["end"] or 0
    near = day in (today, today - timedelta(days=1))
    matters = tuple(_typed_matter(matter) for matter in log.matters.order_by("pk"))
    return TypedVisit(
        uuid=str(log.client_uuid),
        villages=(str(log.appointment_id),),
        day=day.isoformat() if near else OTHER,
        other_day="" if near else day.isoformat(),
        start=rules.clock(start),
        hours=_chip_of(end - start),
        end=rules.clock(end),
        mode=log.mode,
        purpose=log.purpose,
        place=log.place,
        matters=matters or (TypedMatter(kind=NOBODY_CAME if log.no_visitors else ""),),
    )


def _typed_matter(matter: Matter) -> TypedMatter:
    sealed = sealed_columns(matter)
    texts = {name: getattr(matter, name) for name in ("topic", "focus")}
    for name in ("client", "phone", "content", "method", "result"):
        texts[name] = "" if name in sealed else open_text(getattr(matter, name))
    outcome = {True: "yes", False: "no", None: ""}[matter.succeeded]
    return TypedMatter(
        pk=str(matter.pk),
        kind=matter.kind,
        audience="" if matter.audience is None else str(matter.audience),
        succeeded=outcome,
        marks=tuple(matter.marks),
        **texts,
    )


def _chip_of(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return str(hours) if not rest and hours in HOUR_CHIPS else OTHER
