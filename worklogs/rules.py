"""Pure checks on a record before it is written: says no with the field and the reason."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from lawadvisor.foundation.errors import DomainError

EARLIEST = date(2010, 1, 1)
DAY_MINUTES = 24 * 60


def clean_text(value: str) -> str:
    """Trimmed, with full-width letters, digits and blanks made plain; 。，（） stay Chinese."""
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
            f"服务日期{day:%Y-%m-%d}在今天（{today:%Y-%m-%d}）之后，不能提前填写。",
            field="service_date",
        )
    if day < EARLIEST:
        raise DomainError(
            f"服务日期{day:%Y-%m-%d}过早，应在{EARLIEST:%Y-%m-%d}之后。", field="service_date"
        )


def check_times(start: int, end: int) -> None:
    """Minutes after midnight; a session ends after it starts and on the same day (A11)."""
    if end <= start:
        raise DomainError("结束时间应晚于开始时间；跨过零点请分两天填写。", field="end")


def check_required(
    values: dict[str, str], required: frozenset[str], labels: dict[str, str]
) -> None:
    """Every field that the policy asks for must say something (ZX-39)."""
    missing = [labels[name] for name in sorted(required) if not values.get(name, "").strip()]
    if missing:
        raise DomainError(f"请填写：{'、'.join(missing)}。", field="matters")


def _no_day(text: str, field: str) -> date:
    raise DomainError(f"日期“{text}”无法识别，应为如 2026-11-05 的日期。", field=field)
