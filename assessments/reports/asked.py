"""Papers that are made when somebody asks for them: for whom, of which place and period.

They show records as they stand, as far as the reader may see them, so they are kept nowhere:
what a client confided must not outlive its erasure in a folder of files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from assessments.changes import last_change
from assessments.check_codes import address_of, of_change
from assessments.enums import PaperKey
from assessments.models import Policy
from assessments.reports.desk import SIGNATURES
from assessments.selectors import policy_for
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import Document, Section
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township, Village
from villages.querysets import VillageQuerySet


@dataclass(frozen=True)
class AskedDesk:
    """One desk of a bureau, ``township`` None its own, as ``viewer`` sees it at ``now``."""

    viewer: Viewer
    bureau: Bureau
    township: Township | None
    period: Period
    now: datetime

    @cached_property
    def policy(self) -> Policy | None:
        return policy_for(self.bureau, self.period.start)

    @property
    def place(self) -> tuple[str, int]:
        return ("t", self.township.pk) if self.township else ("b", self.bureau.pk)

    @cached_property
    def townships(self) -> dict[int, str]:
        """Their names, in the order of their codes: the one, or all that the viewer sees."""
        found = Township.objects.visible_to(self.viewer).filter(bureau=self.bureau)
        if self.township is not None:
            found = found.filter(pk=self.township.pk)
        return dict(found.order_by("code").values_list("pk", "name"))

    def villages(self) -> VillageQuerySet:
        """Those on the books, in the order of their codes."""
        found = Village.objects.visible_to(self.viewer).active()
        return found.filter(**self.within("township")).order_by("code")

    def within(self, to_township: str) -> dict[str, object]:
        """The lookup that keeps rows of this desk; ``to_township`` leads from a row to its own."""
        if self.township is not None:
            return {to_township: self.township}
        return {f"{to_township}__bureau": self.bureau}

    def document(
        self,
        paper: PaperKey,
        *,
        sections: tuple[Section, ...],
        lead: Iterable[str] = (),
        measure: str = "",
        remarks: tuple[str, ...] = (),
        signatures: tuple[str, ...] = SIGNATURES,
        watermark: str = "",
    ) -> Document:
        """The frame that these papers share."""
        place, pk = self.place
        change = last_change(paper, place, pk, self.period)
        township, bureau = self.township, self.bureau
        return Document(
            key=paper.value,
            title=f"一村（社区）一法律顾问{paper.label}",
            issuer=township.judicial_office if township else bureau.name,
            unit=township.name if township else bureau.name,
            period=self.period.label,
            generated_at=timezone.localtime(self.now),
            rule_version=self.policy.version if self.policy else "",
            measure=measure,
            lead=tuple(lead),
            sections=sections,
            remarks=remarks,
            signatures=signatures,
            watermark=watermark,
            check=address_of(of_change(paper, place, pk, self.period, change)),
        )
