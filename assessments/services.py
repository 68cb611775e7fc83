"""Writes of the floor that people ask for: a policy is adopted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.db import transaction

from advisors.rules import clean_reason
from assessments.models import MonthClose, Policy, Rule, Waiver
from assessments.quota.files import read_file
from assessments.quota.packs import Pack, load_pack, pack_to_json, rule_to_json
from assessments.quota.reading import PackError
from assessments.quota.rules import Force
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.viewer import Actor
from villages.models import Bureau

PACKS = Path(__file__).parent / "policies"
#: What a text without a file is called where an error names its place.
PASTED = "政策文本"


@transaction.atomic
def adopt_policy(
    *,
    bureau: Bureau,
    by: Actor,
    pack_path: Path | None = None,
    text: str = "",
    effective_from: date | None = None,
) -> Policy:
    """Make a pack the bureau's policy from a day on (None: the day the pack names).

    The pack is the file ``pack_path``, or without one the TOML ``text``. Text and rules are
    copied, so an edited file changes nothing that was adopted. Adopting the same pack again
    changes nothing. Raises DomainError for a pack that cannot be read, with file, line, key
    and what was expected, and Conflict when another version stands on that day and has
    closed a month, or while a month that the new one would judge is being closed.
    """
    pack, text = _read(pack_path, text)
    start = effective_from or pack.effective_from
    if start < pack.effective_from:
        raise DomainError(
            f"该政策自{pack.effective_from:%Y-%m-%d}起施行，不能提前到{start:%Y-%m-%d}。",
            field="effective_from",
        )
    hold(policy_lock(bureau))
    standing = Policy.objects.filter(bureau=bureau, effective_from=start).first()
    if standing is not None and standing.checksum == pack.checksum:
        return standing
    _check_no_close_runs(bureau, start)
    if standing is not None:
        _withdraw(standing, by)
    policy = _write(bureau, pack, text, start)
    audit.record(
        by=by,
        verb="policy.adopt",
        subject=policy,
        bureau_id=bureau.pk,
        after={"version": policy.version, "rules": len(pack.rules)},
    )
    return policy


@transaction.atomic
def waive(
    *,
    by: Actor,
    bureau: Bureau,
    rule: Rule,
    subject_kind: str,
    subject_id: int,
    period_start: date,
    reason: str,
    approved_by: str,
) -> Waiver:
    """Let a soft rule pass for one subject and period, by a named person (A2).

    It shows in closes that are opened from now on. Raises DomainError for a rule that is not
    soft, a missing reason or approver, and Conflict where it was let pass already.
    """
    if rule.definition["force"] != Force.SOFT:
        raise DomainError(f"“{rule.title}”不是原则性要求，没有可批准的例外。", field="rule")
    reason = clean_reason(reason, field="reason")
    approved_by = clean_reason(approved_by, field="approved_by")
    if not reason or not approved_by:
        raise DomainError("例外须写明事由和批准人。", field="reason")
    hold(f"waiver:{bureau.pk}:{rule.key}")
    same = {
        "bureau": bureau,
        "rule_key": rule.key,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "period_start": period_start,
    }
    if Waiver.objects.filter(**same).exists():
        raise Conflict("该对象本期已有此项例外。", field="rule")
    waiver = Waiver.objects.create(**same, reason=reason, approved_by=approved_by)
    after = {"subject": f"{subject_kind} {subject_id}", "approved_by": approved_by}
    audit.record(
        by=by, verb="waiver.grant", subject=waiver, bureau_id=bureau.pk, after=after, reason=reason
    )
    return waiver


def policy_lock(bureau: Bureau) -> str:
    """Held by whoever changes a bureau's policies, and by whoever is about to judge by them."""
    return f"policy:{bureau.pk}"


def _read(path: Path | None, text: str) -> tuple[Pack, str]:
    """The pack with the text it was read from; ``text`` counts where there is no path."""
    try:
        if path is None:
            return load_pack(text, file=PASTED), text
        text = read_file(path)
        return load_pack(text, file=path.name), text
    except PackError as error:
        raise DomainError(str(error), field="pack") from error


def _check_no_close_runs(bureau: Bureau, start: date) -> None:
    """The jobs of one close read the rules one after the other, and must find the same."""
    unfinished = MonthClose.objects.filter(bureau=bureau, closed_at=None, left_at=None)
    running = unfinished.filter(month__gte=start).first()
    if running is not None:
        raise Conflict(
            f"{running.period.label}正在关账，新版本从{start:%Y-%m-%d}起将用于该月；"
            "请等关账完成后再采用，或改用更晚的生效日期。",
            field="effective_from",
        )


def _withdraw(policy: Policy, by: Actor) -> None:
    """Only what has judged nothing may be replaced on its own day."""
    if policy.closes.exists():
        raise Conflict(
            f"{policy.effective_from:%Y-%m-%d}生效的版本已用于关账，不能更改；请以更晚的生效日期采用新版本。",
            field="effective_from",
        )
    audit.record(
        by=by,
        verb="policy.withdraw",
        subject=policy,
        bureau_id=policy.bureau_id,
        before={"version": policy.version},
    )
    policy.daily_checks.all().delete()  # they say how its months stood, and go with it
    policy.delete()


def _write(bureau: Bureau, pack: Pack, text: str, start: date) -> Policy:
    policy = Policy.objects.create(
        bureau=bureau,
        key=pack.key,
        title=pack.title,
        source=pack.source,
        effective_from=start,
        checksum=pack.checksum,
        settings=pack_to_json(pack)["settings"],
        text=text,
    )
    Rule.objects.bulk_create(
        Rule(
            policy=policy,
            key=rule.key,
            title=rule.title,
            clause=rule.clause,
            phrase=rule.phrase,
            definition=rule_to_json(rule),
            position=position,
        )
        for position, rule in enumerate(pack.rules)
    )
    return policy
