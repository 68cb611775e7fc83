"""The matters of a session, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from lawadvisor.demo import cases, lectures
from lawadvisor.demo.customs import Customs
from lawadvisor.demo.deeds import (
    DEEDS,
    DISPUTES,
    MEDIATION_FAILURE,
    MEDIATION_GOES_ON,
    MEDIATION_METHODS,
    MEDIATION_SUCCESS,
)
from lawadvisor.demo.filler import Filler
from lawadvisor.demo.flaws import Flaws
from lawadvisor.demo.lectures import Lecture
from lawadvisor.demo.months import MonthOfRecords
from lawadvisor.demo.names import client, party, phone_number
from lawadvisor.demo.sessions import Session
from villages.enums import VillageKind
from villages.models import Village
from worklogs.enums import LegalTopic, Mark, MatterKind, Mode, Purpose
from worklogs.models import Matter, ServiceLog

KINDS = {
    MatterKind.CONSULTATION: 56,
    MatterKind.MEDIATION: 8,
    MatterKind.DOCUMENT: 7,
    MatterKind.OPINION: 5,
    MatterKind.PUBLICITY: 6,
    MatterKind.LEGAL_AID: 4,
    MatterKind.PETITION: 4,
    MatterKind.LITIGATION: 3,
    MatterKind.TRAINING: 2,
    MatterKind.VILLAGE_RULES: 2,
    MatterKind.ELECTION: 1,
    MatterKind.OTHER: 2,
}
#: How often a topic comes up in a village and in a community.
TOPIC_WEIGHTS = {
    LegalTopic.LAND_TAKING: (11, 4),
    LegalTopic.LAND_TITLE: (24, 3),
    LegalTopic.PROPERTY_SERVICE: (1, 28),
    LegalTopic.FAMILY: (20, 21),
    LegalTopic.SCHOOL_MEDICAL: (5, 8),
    LegalTopic.SOCIAL_SECURITY: (14, 15),
    LegalTopic.ENVIRONMENT: (7, 5),
    LegalTopic.OTHER: (18, 16),
}
LISTENERS = ("村（居）民", "村（居）民和村干部", "“法律明白人”", "业主代表", "老年人")
GROUPS_COME_FOR = (MatterKind.PETITION, MatterKind.LEGAL_AID)
_KINDS, _KIND_WEIGHTS = tuple(KINDS), tuple(KINDS.values())
_TOPICS = tuple(TOPIC_WEIGHTS)
_WEIGHTS = {
    VillageKind.VILLAGE: tuple(rural for rural, _ in TOPIC_WEIGHTS.values()),
    VillageKind.COMMUNITY: tuple(urban for _, urban in TOPIC_WEIGHTS.values()),
}


def matters_of(
    log: ServiceLog, session: Session, rng: Random, village: Village, month: MonthOfRecords
) -> list[Matter]:
    """Unsaved matters: none for a duty without visitors."""
    found = list(Scribe(log, rng, village).write(session))
    for matter in found:
        _complete(matter, rng, month.customs, month.rates)
    return found


def marked(rng: Random, marks: Sequence[Mark], rates: Flaws) -> list[str]:
    """What a training or paper shows of what it should: now and then one thing less."""
    return [mark.value for mark in marks if rng.random() >= rates.missing_mark]


def _complete(matter: Matter, rng: Random, customs: Customs, rates: Flaws) -> None:
    """What only some places ask for: who was trained, and a phone number of each client."""
    if customs.trained and matter.kind == MatterKind.TRAINING:
        matter.marks = marked(rng, customs.trained, rates)
    if customs.phones and matter.audience is None and rng.random() >= rates.missing_phone:
        matter.phone = phone_number(rng)


def _kinds(session: Session, rng: Random) -> list[MatterKind]:
    if session.training:
        return [MatterKind.TRAINING]
    if session.contact:
        return [MatterKind.CONTACT]
    if session.no_visitors or session.purpose == Purpose.LECTURE_ONLY:
        return []
    if session.purpose == Purpose.MEDIATION:
        return [MatterKind.MEDIATION]
    if session.purpose == Purpose.OTHER:
        return [rng.choice((MatterKind.OTHER, MatterKind.PUBLICITY, MatterKind.PETITION))]
    if session.mode != Mode.ON_SITE:
        return [MatterKind.CONSULTATION]
    count = rng.choices((1, 2, 3, 4), (34, 41, 19, 6))[0]
    return rng.choices(_KINDS, _KIND_WEIGHTS, k=count)


class Scribe:
    """Writes down the matters of one log."""

    def __init__(self, log: ServiceLog, rng: Random, village: Village) -> None:
        self.log, self.rng, self.village = log, rng, village
        self.filler = Filler(rng, village=village.short_name)

    def write(self, session: Session) -> Iterator[Matter]:
        if session.lecture:
            yield self._lecture(session.lecture)
        for kind in _kinds(session, self.rng):
            if kind == MatterKind.CONSULTATION:
                yield self._consultation(online=session.mode != Mode.ON_SITE)
            elif kind == MatterKind.MEDIATION:
                yield self._mediation()
            else:
                yield self._deed(kind)

    def _topic(self) -> LegalTopic:
        return self.rng.choices(_TOPICS, _WEIGHTS[VillageKind(self.village.kind)])[0]

    def _consultation(self, *, online: bool) -> Matter:
        topic, served = self._topic(), client(self.rng)
        question = self.rng.choice(cases.QUESTIONS[topic])
        dispute = "{other}" in question
        filler = self.filler.knowing(
            who=served.in_text,
            other=self.filler["other"],
            law=f"《{self.rng.choice(cases.LAWS[topic])}》",
            evidence=self.rng.choice(cases.EVIDENCE[topic]),
        )
        proven = "{evidence}" in question
        details = cases.DISPUTE_DETAILS if dispute else cases.DETAILS
        detail = "" if proven else filler.one_of(details)
        results = cases.DISPUTE_RESULTS if dispute else cases.RESULTS
        return Matter(
            log=self.log,
            kind=MatterKind.CONSULTATION,
            topic=topic,
            client=served.name,
            content=f"{filler.one_of((question,))}{detail}。",
            method=filler.one_of(cases.ONLINE_METHODS if online else cases.METHODS),
            result=f"{filler.one_of(results)}。",
        )

    def _mediation(self) -> Matter:
        """Three in four succeed; ``succeeded`` None is a mediation that goes on."""
        topic, one, other = self._topic(), client(self.rng), client(self.rng)
        topic = topic if topic in DISPUTES else LegalTopic.OTHER
        filler = self.filler.knowing(
            who=one.in_text,
            other=other.in_text,
            evidence=self.rng.choice(cases.EVIDENCE[topic]),
        )
        succeeded = self.rng.choices((True, False, None), (74, 18, 8))[0]
        outcomes = {True: MEDIATION_SUCCESS, False: MEDIATION_FAILURE, None: MEDIATION_GOES_ON}
        return Matter(
            log=self.log,
            kind=MatterKind.MEDIATION,
            topic=topic,
            client=f"{one.name}、{other.name}",
            content=f"{filler.one_of(DISPUTES[topic])}。",
            method=filler.one_of(MEDIATION_METHODS),
            result=f"{filler.one_of(outcomes[succeeded])}。",
            succeeded=succeeded,
        )

    def _deed(self, kind: MatterKind) -> Matter:
        deed = DEEDS[kind]
        groups = kind in GROUPS_COME_FOR and self.rng.random() < 0.4
        served = party(self.rng) if groups else client(self.rng)
        filler = self.filler.knowing(who=served.in_text)
        return Matter(
            log=self.log,
            kind=kind,
            client=served.name if deed.personal else "村（居）委会",
            content=f"{filler.one_of(deed.contents)}。",
            method=filler.one_of(deed.methods),
            result=f"{filler.one_of(deed.results)}。",
            audience=self.rng.randint(*deed.audience) if deed.audience else None,
        )

    def _lecture(self, lecture: Lecture) -> Matter:
        filler = self.filler.knowing(focus=lecture.focus)
        return Matter(
            log=self.log,
            kind=MatterKind.LECTURE,
            topic=lecture.topic,
            focus=lecture.focus,
            client=self.rng.choice(LISTENERS),
            content=f"{filler.one_of(lectures.OPENINGS)}。",
            method=self.rng.choice(lectures.METHODS),
            result=filler.one_of(lectures.RESULTS),
            audience=self.rng.randint(16, 96),
        )
