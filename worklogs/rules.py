"""Pure checks on a record before it is written: says no with the field and the reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Field, Model

from advisors.rules import EARLIEST
from lawadvisor.foundation.errors import DomainError
from worklogs.enums import MatterKind, Mode, Purpose

DAY_MINUTES = 24 * 60
FIELD_LABELS = {
    "client": "服务对象",
    "phone": "联系电话",
    "content": "服务内容",
    "method": "服务方法",
    "result": "服务结果",
}
#: Matters that have listeners instead of a client.
BEFORE_AN_AUDIENCE = frozenset({MatterKind.LECTURE, MatterKind.TRAINING, MatterKind.PUBLICITY})


def clean_text(value: str) -> str:
    """Trimmed, with full-width letters, digits and blanks made plain; 。，（） stay Chinese."""
    value = value.replace("\0", "")  # PostgreSQL stores none
    return re.sub(
        r"[０-９Ａ-Ｚａ-ｚ　]", lambda m: unicodedata.normalize("NFKC", m[0]), value
    ).strip()


def parse_clock(text: str, *, field: str) -> int:
    """Minutes after midnight of ``9:30``, ``09：30``, ``0930`` or ``24:00``; DomainError else."""
    found = re.fullmatch(r"(\d{1,2})[:：时.]?(\d{2})分?", clean_text(text))
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1
    if not 0 <= minutes <= DAY_MINUTES:
        raise DomainError(f"时间“{text}”无法识别，应为如 09:30 的时刻。", field=field)
    return minutes


def clock(minutes: int) -> str:
    """``570`` as ``09:30``, the end of the day as ``24:00``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_day(text: str, *, field: str) -> date:
    """``2026-11-05``, ``2026年11月5日``, ``20261105``, full-width too; DomainError else."""
    found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", clean_text(text))
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else _no_day(text, field)
    except ValueError:
        return _no_day(text, field)


def check_service_day(day: date, *, today: date) -> None:
    """Not before the scheme can have existed, and never in the future."""
    if day > today:
        raise DomainError(
            f"服务日期{day.isoformat()}在今天（{today:%Y-%m-%d}）之后，不能提前填写。",
            field="service_date",
        )
    if day < EARLIEST:
        raise DomainError(
            f"服务日期{day.isoformat()}过早，应在{EARLIEST:%Y-%m-%d}之后。", field="service_date"
        )


def check_times(start: int, end: int) -> None:
    """Minutes after midnight; a session ends after it starts and on the same day (A11)."""
    if not 0 <= start < end <= DAY_MINUTES:
        raise DomainError("结束时间应晚于开始时间；跨过零点请分两天填写。", field="end")


def check_outcome(kind: str, succeeded: bool | None, *, where: str = "") -> None:
    """Only a mediation succeeds or fails; None is no outcome."""
    if succeeded is not None and kind != MatterKind.MEDIATION:
        raise DomainError("只有调解事项才有“调解成功”。", field=f"{where}succeeded")


def check_no_visitors(mode: str, purpose: str) -> None:
    """Only a duty stay on site is served even if nobody came (A10)."""
    if (mode, purpose) != (Mode.ON_SITE, Purpose.DUTY):
        raise DomainError("“坐班，无来访”只用于现场的坐班咨询。", field="no_visitors")


def asked_of(kind: str, required: Collection[str]) -> tuple[str, ...]:
    """Of the fields that the policy asks for, those that a matter of this kind has (ZX-39).

    Who listens is no client and has no phone, and nothing is answered to him (JC-48 beside
    JC-49). A policy also asks for what stands elsewhere, as the village or the times.
    """
    own = ("content",) if kind in BEFORE_AN_AUDIENCE else tuple(FIELD_LABELS)
    return tuple(name for name in own if name in required)


def check_required(
    kind: str, values: Mapping[str, str], required: Collection[str], *, where: str = ""
) -> None:
    """Every field asked of this kind must say something. ``where`` goes before the names."""
    missing = [name for name in asked_of(kind, required) if not values[name].strip()]
    if missing:
        labels = "、".join(FIELD_LABELS[name] for name in missing)
        paths = [f"{where}{name}" for name in missing]
        raise DomainError(f"请填写：{labels}。", field=paths[0], beside=paths[1:])


def check_fits(row: Model, *, where: str = "", path: str = "") -> None:
    """Every field of the row within its length, its choices and its range.

    ``where`` goes before the field's name in the sentence, ``path`` before that of the form.
    Asks no database.
    """
    fields = {field.name: field for field in row._meta.concrete_fields}
    try:
        row.clean_fields(exclude={name for name, field in fields.items() if field.is_relation})
    except ValidationError as refusal:
        name, errors = next(iter(refusal.error_dict.items()))
        sentence = _misfit(fields[name], errors[0])
        raise DomainError(f"{where}{sentence}", field=f"{path}{name}") from refusal


def _misfit(field: Field, error: ValidationError) -> str:
    label, params = field.verbose_name, error.params or {}
    match error.code:
        case "max_length":
            return f"{label}最多{params['limit_value']}个字，现有{params['show_value']}个。"
        case "invalid_choice":
            known = "、".join(str(choice) for _, choice in field.flatchoices)
            return f"{label}“{params['value']}”不在选项中，应为{known}之一。"
        case "blank" | "null":
            return f"请填写{label}。"
        case "min_value" | "max_value":
            side = "小于" if error.code == "min_value" else "大于"
            return f"{label}不应{side}{params['limit_value']}。"
        case _:
            return f"{label}填写有误。"


def _no_day(text: str, field: str) -> date:
    raise DomainError(f"日期“{text}”无法识别，应为如 2026-11-05 的日期。", field=field)
