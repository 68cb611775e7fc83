"""Posts in the back office: given, ended, handed over to a successor."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils import timezone

from advisors import post_forms, posting
from lawadvisor.foundation.office.deeds import Deed, offer
from lawadvisor.foundation.roles import Verb
from lawadvisor.foundation.viewer import Actor

Typed = dict[str, Any]


def _open(by: Actor, _: Any, typed: Typed) -> Model:
    return posting.open_post(by=by, **typed)


def _end(by: Actor, row: Any, typed: Typed) -> Model:
    return posting.end_post(by=by, post=row, **typed)


def _hand_over(by: Actor, row: Any, typed: Typed) -> Model:
    return posting.hand_over(by=by, post=row, **typed)


def _runs(row: Any) -> bool:
    return row.ends_before is None or row.ends_before > timezone.localdate()


offer(
    "advisors.post",
    Deed(
        "new", "设置岗位", _open, "已设置岗位：{}。",
        form=post_forms.PostForm, makes=True, verb=Verb.KEEP_ACCOUNTS,
    ),
    Deed(
        "hand-over", "移交", _hand_over, "已移交，接任岗位：{}。",
        form=post_forms.HandOverForm, fits=_runs, verb=Verb.KEEP_ACCOUNTS,
    ),
    Deed(
        "end", "结束岗位", _end, "已结束岗位：{}。",
        form=post_forms.EndPostForm, fits=_runs, verb=Verb.KEEP_ACCOUNTS,
        bulk="结束所选岗位",
        warning="结束后不能撤回，需要时只能重新设置；原有的工作记录不变。",
    ),
)  # fmt: skip
