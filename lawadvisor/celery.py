"""The worker and its timetable."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lawadvisor.settings")

#: Local time, Asia/Shanghai. Beat may run twice or late: each task only adds
#: jobs whose key says what they are, so that twice is once. The nightly ones may
#: therefore pile up, one a night: the first adds what is due, the others nothing,
#: and a night whose bell had expired would be a night without a check.
TIMETABLE = {
    "sweep-jobs": {
        "task": "lawadvisor.foundation.tasks.sweep_jobs",
        "schedule": 30.0,
        # A bell that nobody heard before the next one is worth nothing: after a
        # weekend without a worker there is one sweep to do, not six thousand.
        "options": {"expires": 25},
    },
    "daily-check": {
        "task": "assessments.tasks.daily_check",
        "schedule": crontab(hour="5", minute="30"),
    },
    "forget-sign-ins": {
        "task": "lawadvisor.accounts.tasks.forget_old",
        "schedule": crontab(hour="4", minute="10"),
    },
    "sweep-photos": {
        "task": "worklogs.tasks.sweep_photos",
        "schedule": crontab(hour="4", minute="40"),
    },
    "forget-uploads": {
        "task": "lawadvisor.foundation.tasks.forget_uploads",
        "schedule": crontab(hour="4", minute="20"),
    },
    "weekly-digest": {
        "task": "assessments.tasks.weekly_digest",
        # on Monday; on a later day only where that was missed
        "schedule": crontab(hour="8", minute="0", day_of_week="mon-fri"),
    },
    "sweep-messages": {
        "task": "assessments.tasks.sweep_messages",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "fill-forms": {
        "task": "assessments.tasks.fill_forms",
        # after the closes of the night; what ends later in the day is filled the next morning
        "schedule": crontab(hour="6", minute="0"),
    },
    "month-close": {
        "task": "assessments.tasks.close_due_months",
        # every night: each bureau's policy names its own day, and a missed one is caught up
        "schedule": crontab(hour="2", minute="0"),
    },
}

app = Celery("lawadvisor", changes={"beat_schedule": TIMETABLE})
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
