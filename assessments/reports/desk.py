"""What every paper of a close begins with: whose it is, its frame, and its verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from assessments.check_codes import address_of, of_close
from assessments.enums import ReportKey, SubjectKind, VerdictStatus
from assessments.models import MonthClose, Rule, Verdict
from assessments.quota.rules import DECIDING
from assessments.quota.rules import Rule as QuotaRule
from assessments.rules import month_status
from assessments.selectors import rules_in_force
from assessments.verdicts import judged_from
from lawadvisor.foundation.tables import Document, Section
from villages.models import Township, Village
from villages.querysets import VillageQuerySet

#: Lies across every page of a paper that is printed before the close.
NOT_CLOSED = "未关账"
SIGNATURES = ("填报人", "审核人", "报送日期", "盖章")


@dataclass(frozen=True)
class ReportDesk:
    """A close as one desk sees it; ``township`` None is the bureau's own desk.

    ``provisional``: the verdicts of a close that is not saved, for papers with a watermark; None
    for one whose verdicts are stored.
    """

    close: MonthClose
    township: Township | None
    provisional: tuple[Verdict, ...] | None = None

    @classmethod
    def of(cls, close: MonthClose, township_id: int | None) -> ReportDesk:
        township = None if township_id is None else Township.objects.get(pk=township_id)
        return cls(close, township)

    @cached_property
    def quota_rules(self) -> dict[int, QuotaRule]:
        """The engine's rules that judged this month, by the stored rule's id, in their order."""
        return rules_in_force(self.close.bureau_id, self.close.period)

    @cached_property
    def rules(self) -> dict[int, Rule]:
        return Rule.objects.in_bulk(list(self.quota_rules))

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """The desk's verdicts in the order of the rules; a bureau's desk holds all."""
        if self.provisional is not None:
            return list(self.provisional)
        found = Verdict.objects.filter(close=self.close).select_related("rule", "close")
        if self.township is not None:
            found = found.filter(scope_township=self.township)
        order = list(self.quota_rules)
        return sorted(found, key=lambda verdict: (order.index(verdict.rule_id), verdict.pk))

    @cached_property
    def township_names(self) -> dict[int, str]:
        return dict(self.close.bureau.townships.values_list("pk", "name"))

    def villages(self) -> VillageQuerySet:
        """The desk's villages that are on the books."""
        found = Village.objects.active()
        if self.township is not None:
            return found.filter(township=self.township)
        return found.filter(township__bureau=self.close.bureau)

    def of_kind(self, *kinds: SubjectKind) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.subject_kind in kinds]

    def period_label(self, verdict: Verdict) -> str:
        return judged_from(verdict).period.label

    def status_in_month(self, verdicts: Iterable[Verdict]) -> VerdictStatus | None:
        """The word for one line of the paper, from what fell due; None: nothing was judged.

        Warnings decide nothing. While a rule's quarter or year still runs, it speaks only
        where nothing else does.
        """
        found = [v for v in verdicts if self.quota_rules[v.rule_id].force in DECIDING]
        end = self.close.period.end
        due = [verdict for verdict in found if verdict.period_end <= end] or found
        return self.word_for(verdict.status for verdict in due) if due else None

    def word_for(self, statuses: Iterable[str]) -> VerdictStatus:
        """The one word for these; before the close what can still be done is no success yet."""
        found = set(statuses)
        word = month_status(found)
        still_open = found & {VerdictStatus.OPEN, VerdictStatus.AT_RISK}
        if self.provisional is not None and word == VerdictStatus.MET and still_open:
            return VerdictStatus.OPEN
        return word

    def amount(self, verdict: Verdict, number: Decimal) -> str:
        """A count with its unit as people say it: ``2次``, ``1份``."""
        return f"{number.normalize():f}{self.quota_rules[verdict.rule_id].unit}"

    def document(
        self,
        report: ReportKey,
        *,
        sections: tuple[Section, ...],
        lead: Iterable[str],
        measure: str = "",
        remarks: tuple[str, ...] = (),
    ) -> Document:
        """The frame that all papers share. The close's own time, so that a retry is the same."""
        close, bureau = self.close, self.close.bureau
        again = (f"第{close.revision}版，重新核算：{close.reason}",) if close.revision > 1 else ()
        return Document(
            key=report.value,
            title=f"一村（社区）一法律顾问{report.label}",
            issuer=self.township.judicial_office if self.township else bureau.name,
            unit=self.township.name if self.township else bureau.name,
            period=close.period.label,
            edition=f"第{close.revision}版" if close.pk else "",
            generated_at=timezone.localtime(close.opened_at),
            rule_version=close.policy.version,
            measure=measure,
            lead=(*lead, *again),
            sections=sections,
            remarks=remarks,
            signatures=SIGNATURES,
            watermark="" if close.pk else NOT_CLOSED,
            check=address_of(of_close(close, self.township, report)),
        )


def join_names(names: Iterable[str], *, most: int = 12) -> str:
    """``甲、乙等15个``: names for a line of text, cut where a list says it better."""
    found = list(names)
    shown = "、".join(found[:most])
    return shown if len(found) <= most else f"{shown}等{len(found)}个"
