"""Writes on drafts of a policy: begun, changed, adopted, thrown away; each leaves an audit row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from django.db import transaction

from assessments.models import Policy, PolicyDraft
from assessments.quota.files import MAX_CHARACTERS, read_file
from assessments.quota.numbers import NumberError, numbers_of, with_numbers, with_value
from assessments.quota.packs import load_pack
from assessments.quota.reading import PackError
from assessments.services import adopt_policy
from assessments.versions import DRAFT, Problem, checked, text_of
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.viewer import Actor
from villages.models import Bureau

TITLE_LENGTH = 100


@transaction.atomic
def begin_draft(*, by: Actor, bureau: Bureau, title: str, source: Policy | Path) -> PolicyDraft:
    """Copy a version, or the file of a shipped policy, with its comments into a new draft.

    Raises DomainError for a title that is missing or too long.
    """
    policy = source if isinstance(source, Policy) else None
    text = text_of(source) if isinstance(source, Policy) else read_file(source)
    draft = PolicyDraft.objects.create(
        bureau=bureau,
        title=_clean_title(title),
        text=_clean(text),
        based_on=policy,
        changed_by_id=_person(by),
    )
    origin = policy.version if policy else getattr(source, "name", "")
    _record(by, "draft.begin", draft, after={"title": draft.title, "source": origin})
    return draft


@transaction.atomic
def save_draft(
    *, by: Actor, draft: PolicyDraft, title: str, text: str, seen: datetime
) -> PolicyDraft:
    """Keep what was typed, right or wrong.

    ``seen`` is ``changed_at`` of what the writer had before him. Raises Conflict when somebody
    has saved since, DomainError for a title or text that cannot be kept at all.
    """
    kept, title, text = _locked(draft, seen), _clean_title(title), _clean(text)
    if len(text) > MAX_CHARACTERS:
        raise DomainError(f"政策文件应不超过{MAX_CHARACTERS}字。", field="text")
    before, after = _told(kept.title, kept.text), _told(title, text)
    changed = [key for key in after if after[key] != before[key]]
    if changed:
        _write(kept, by, title=title, text=text)
        _record(
            *(by, "draft.change", kept),
            before={key: before[key] for key in changed},
            after={key: after[key] for key in changed},
        )
    return kept


@transaction.atomic
def set_numbers(
    *, by: Actor, draft: PolicyDraft, wanted: Mapping[str, str], seen: datetime
) -> PolicyDraft:
    """Change numbers in the text of a draft that can be read; ``wanted`` by ``Number.key``.

    Unlike a text, numbers that make the draft wrong are not kept: DomainError at the number's
    key, "" where none is to blame. Raises Conflict as ``save_draft``.
    """
    kept = _locked(draft, seen)
    pack = checked(kept.text).pack
    if pack is None:
        raise Conflict("草稿文本有错误，请先在文本中改正。", field="")
    try:
        text = with_numbers(kept.text, pack, wanted)
    except NumberError as error:
        raise DomainError(str(error), field=error.key) from error
    if problems := checked(text).problems:
        keys = [rule.key for rule in pack.rules]
        raise DomainError(problems[0].sentence, field=_number_at(problems[0], keys))
    if text != kept.text:
        values = {number.key: number.value for number in numbers_of(pack)}
        changed = {key: value for key, value in wanted.items() if values.get(key) != value}
        _write(kept, by, title=kept.title, text=text)
        _record(by, "draft.numbers", kept, after=changed)
    return kept


@transaction.atomic
def adopt_draft(*, by: Actor, draft: PolicyDraft, title: str, effective_from: date) -> Policy:
    """Make a draft the bureau's policy from a day on, under a title; the draft is then gone.

    Raises DomainError and Conflict as ``adopt_policy``, where an equal version stands, and
    where the draft is gone already.
    """
    kept, title = _held(draft), _clean_title(title)
    try:
        pack = load_pack(kept.text, file=DRAFT)
        text = kept.text
        if title != pack.title:
            text = with_value(text, ("pack", "title"), title)
        checksum = load_pack(text, file=DRAFT).checksum
    except PackError as error:
        raise DomainError(str(error), field="pack") from error
    except NumberError as error:
        raise DomainError(str(error), field="title") from error
    same = Policy.objects.filter(
        bureau=kept.bureau, effective_from=effective_from, checksum=checksum
    )
    if same.exists():
        raise Conflict("该日已有内容相同的版本，无需再次采用。", field="effective_from")
    policy = adopt_policy(bureau=kept.bureau, text=text, by=by, effective_from=effective_from)
    _record(by, "draft.adopt", kept, before=_told(kept.title, kept.text))
    kept.delete()
    return policy


@transaction.atomic
def discard_draft(*, by: Actor, draft: PolicyDraft) -> None:
    """Raises Conflict where the draft is gone already."""
    kept = _held(draft)
    _record(by, "draft.discard", kept, before=_told(kept.title, kept.text))
    kept.delete()


def _held(draft: PolicyDraft) -> PolicyDraft:
    """The draft as it stands, locked to the end of the transaction."""
    kept = PolicyDraft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if kept is None:
        raise Conflict("这份草稿已被采用或删除。", field="text")
    return kept


def _locked(draft: PolicyDraft, seen: datetime) -> PolicyDraft:
    kept = _held(draft)
    if kept.changed_at != seen:
        who = kept.changed_by.name
        raise Conflict(
            f"{who}刚刚保存过这份草稿。请复制您的改动，重新打开草稿后再保存。", field="text"
        )
    return kept


def _write(draft: PolicyDraft, by: Actor, *, title: str, text: str) -> None:
    draft.title, draft.text, draft.changed_by_id = title, text, _person(by)
    draft.save(update_fields=("title", "text", "changed_by", "changed_at"))


def _person(by: Actor) -> int:
    if by.user_id is None:
        raise ValueError("a draft is written by a person")
    return by.user_id


def _clean_title(title: str) -> str:
    title = " ".join(title.replace("\0", "").split())
    if not title:
        raise DomainError("请填写名称。", field="title")
    if len(title) > TITLE_LENGTH:
        raise DomainError(f"名称应不超过{TITLE_LENGTH}字。", field="title")
    return title


def _clean(text: str) -> str:
    """As a browser or Notepad sends it, in the line ends that errors count."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\0", "")


def _told(title: str, text: str) -> dict[str, str | int]:
    """What the audit keeps of a draft: its text is too long, its checksum names it."""
    digest = sha256(text.encode(errors="replace")).hexdigest()
    return {"title": title, "text": digest, "lines": text.count("\n") + 1}


def _number_at(problem: Problem, keys: list[str]) -> str:
    """``rule[2].part.min_share`` as the key of a number: ``ZX-36.min_share``."""
    where, _, rest = problem.key.partition("]")
    index = where.removeprefix("rule[")
    if not index.isdecimal():
        return ""
    return f"{keys[int(index) - 1]}.{rest.rpartition('.')[2]}"


def _record(
    by: Actor,
    verb: str,
    draft: PolicyDraft,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    audit.record(
        by=by, verb=verb, subject=draft, bureau_id=draft.bureau_id, before=before, after=after
    )
