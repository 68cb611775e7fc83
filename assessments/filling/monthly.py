"""Every form filled by itself once a month was closed, and again for each later revision."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from assessments.filling.services import fill_form, newest_version
from assessments.models import FormFilling, FormTemplate, MonthClose
from lawadvisor.foundation import jobs
from lawadvisor.foundation.models import Job
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import SYSTEM

FILL = "fill_form"
#: A close that ended so long ago, with no form filled for it, was left so on purpose.
_LOOKS_BACK = timedelta(days=7)


@transaction.atomic
def order_fillings(*, now: datetime) -> int:
    """A job for each form and each close of the last days that no filling rests on; how many."""
    ordered = 0
    for close in MonthClose.objects.filter(closed_at__gte=now - _LOOKS_BACK):
        for form in FormTemplate.objects.filter(bureau=close.bureau_id):
            known = FormFilling.objects.filter(version__form=form, close=close)
            if known.exists() or not newest_version(form).cells:
                continue
            payload = {"form": form.pk, "month": close.period.code}
            key = f"form:{form.pk}:{close.period.code}:r{close.revision}"
            jobs.enqueue(kind=FILL, key=key, payload=payload)
            ordered += 1
    return ordered


@jobs.handles(FILL)
def _fill(job: Job) -> None:
    form = FormTemplate.objects.select_related("bureau").get(pk=job.payload["form"])
    fill_form(
        by=SYSTEM,
        version=newest_version(form),
        month=Period.parse(job.payload["month"]),
        now=timezone.now(),
    )
