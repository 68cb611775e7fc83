"""What may be sent and what is told, field by field; the OpenAPI file is written from here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lawadvisor.foundation.periods import Period
from worklogs.entries import MatterEntry, SessionEntry, label_of
from worklogs.enums import (
    AttachmentKind,
    LegalTopic,
    LogState,
    Mark,
    MatterKind,
    Mode,
    Purpose,
    RequestState,
    SpecialGroup,
)
from worklogs.faces import SEALED_TEXTS
from worklogs.models import Matter, ServiceLog
from worklogs.rules import DAY_MINUTES, parse_clock

MOST_MATTERS, MOST_ITEMS = 30, 50
_BIGGEST_ID, _BIGGEST_COUNT = 2**63 - 1, 2**31 - 1
_CLOCK = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"


def _length(model: type[Matter | ServiceLog], name: str) -> int | None:
    return getattr(model._meta.get_field(name), "max_length", None)


def _text(model: type[Matter | ServiceLog], name: str, **given: Any) -> serializers.CharField:
    label = label_of(model, name)
    options = {"required": False, "allow_blank": True, "default": "", "label": label}
    return serializers.CharField(max_length=_length(model, name), **{**options, **given})


@extend_schema_field({"type": "string", "pattern": _CLOCK, "example": "09:30"})
class ClockField(serializers.RegexField):
    """``HH:MM`` on local clocks, to minutes after midnight; ``24:00`` is the end of the day."""

    def __init__(self, **given: Any) -> None:
        super().__init__(_CLOCK, **given)
        self.error_messages["invalid"] = "时间应为如 09:30 的时刻。"

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return parse_clock(super().run_validation(data), field=self.field_name or "")


@extend_schema_field({"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"})
class MonthField(serializers.RegexField):
    def __init__(self, **given: Any) -> None:
        super().__init__(r"^[0-9]{4}-(0[1-9]|1[0-2])$", **given)
        self.error_messages["invalid"] = "月份应写作 2026-10 这样的年月。"

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        try:
            return Period.parse(text)
        except ValueError:  # the year 0000
            raise serializers.ValidationError(self.error_messages["invalid"]) from None


# ── what is sent ────────────────────────────────────────────────────────────────────────────────


class MatterIn(serializers.Serializer):
    """``id``: in a revision, of the matter that is told anew. Null keeps what is sealed."""

    id = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=_BIGGEST_ID
    )
    kind = serializers.ChoiceField(MatterKind.choices)
    topic = serializers.ChoiceField(LegalTopic.choices, allow_blank=True, default="")
    focus = _text(Matter, "focus")
    client = _text(Matter, "client")
    phone = _text(Matter, "phone")
    content = _text(Matter, "content", allow_null=True)
    method = _text(Matter, "method", allow_null=True)
    result = _text(Matter, "result", allow_null=True)
    special_group = serializers.ChoiceField(
        SpecialGroup.choices, allow_blank=True, allow_null=True, default=""
    )
    audience = serializers.IntegerField(
        allow_null=True, default=None, min_value=0, max_value=_BIGGEST_COUNT
    )
    succeeded = serializers.BooleanField(allow_null=True, default=None)
    marks = serializers.ListField(
        child=serializers.ChoiceField(Mark.choices), default=list, max_length=len(Mark)
    )


class LogIn(serializers.Serializer):
    appointment = serializers.IntegerField(min_value=1, max_value=_BIGGEST_ID)
    day = serializers.DateField()
    start = ClockField()
    end = ClockField()
    mode = serializers.ChoiceField(Mode.choices)
    purpose = serializers.ChoiceField(Purpose.choices)
    place = _text(ServiceLog, "place")
    no_visitors = serializers.BooleanField(default=False)
    matters = MatterIn(  # type: ignore[call-arg]  # the list takes it
        many=True, required=False, default=list, max_length=MOST_MATTERS
    )

    def validate_matters(self, matters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = [matter["id"] for matter in matters if matter["id"] is not None]
        if len(ids) > len(set(ids)):
            raise serializers.ValidationError("同一事项只能出现一次。")
        return matters


class NewLogIn(LogIn):
    uuid = serializers.UUIDField()


class RevisedLogIn(LogIn):
    version = serializers.IntegerField(min_value=1, max_value=_BIGGEST_COUNT)


class WithdrawalIn(serializers.Serializer):
    reason = serializers.CharField(max_length=200)


class ZeroIn(serializers.Serializer):
    appointment = serializers.IntegerField(min_value=1, max_value=_BIGGEST_ID)
    month = MonthField()
    reason = serializers.CharField(max_length=200)


class SinceIn(serializers.Serializer):
    """The query of the incremental list."""

    since = serializers.IntegerField(default=0, min_value=0, max_value=_BIGGEST_ID)
    limit = serializers.IntegerField(default=100, min_value=1, max_value=200)


class BatchIn(serializers.Serializer):
    """Each item is checked by itself, so that one bad item keeps no other."""

    items = serializers.ListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST_ITEMS
    )


class BatchOfLogs(serializers.Serializer):
    """What a batch is meant to hold, for the schema."""

    items = NewLogIn(many=True)


class PhotoIn(serializers.Serializer):
    """``sha256`` is of the bytes as sent, left out on plain http; ``matter`` counts from 0."""

    file = serializers.FileField(allow_empty_file=True, max_length=None)
    sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$", required=False)
    matter = serializers.IntegerField(default=0, min_value=0, max_value=MOST_MATTERS)


def entry_of(sent: dict[str, Any], *, revises: bool = False) -> SessionEntry:
    """The session that validated data of ``LogIn`` tell; a revision leaves null as it was."""
    return SessionEntry(
        day=sent["day"],
        start=sent["start"],
        end=min(sent["end"], DAY_MINUTES),
        mode=sent["mode"],
        purpose=sent["purpose"],
        place=sent["place"],
        no_visitors=sent["no_visitors"],
        matters=tuple(_matter_entry(dict(matter), revises=revises) for matter in sent["matters"]),
    )


def _matter_entry(sent: dict[str, Any], *, revises: bool) -> MatterEntry:
    untold = {name for name in (*SEALED_TEXTS, "special_group") if sent[name] is None}
    texts = dict.fromkeys(untold, "")
    pk = sent.pop("id")
    return MatterEntry(
        **{**sent, **texts}, pk=pk, untold=frozenset(untold) if revises else frozenset()
    )


# ── what is told ────────────────────────────────────────────────────────────────────────────────


class FieldErrorOut(serializers.Serializer):
    field = serializers.CharField()
    message = serializers.CharField()


class ErrorOut(serializers.Serializer):
    """Every refusal. ``code`` is for programs, ``detail`` for people."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldErrorOut(many=True)  # type: ignore[assignment]  # DRF takes it off the class


class PhotoOut(serializers.Serializer):
    id = serializers.IntegerField()
    matter = serializers.IntegerField()
    kind = serializers.ChoiceField(AttachmentKind.choices)
    url = serializers.CharField()


class MatterOut(serializers.Serializer):
    """``sealed`` names the fields that are null because only the page of the matter opens them."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(MatterKind.choices)
    topic = serializers.ChoiceField(LegalTopic.choices, allow_blank=True)
    focus = serializers.CharField(allow_blank=True)
    client = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    content = serializers.CharField(allow_blank=True, allow_null=True)
    method = serializers.CharField(allow_blank=True, allow_null=True)
    result = serializers.CharField(allow_blank=True, allow_null=True)
    special_group = serializers.CharField(allow_null=True)
    audience = serializers.IntegerField(allow_null=True)
    succeeded = serializers.BooleanField(allow_null=True)
    marks = serializers.ListField(child=serializers.ChoiceField(Mark.choices))
    sealed = serializers.ListField(child=serializers.CharField())


class LogOut(serializers.Serializer):
    """``counts_note`` says, in the list and the single record, why it does not count this month."""

    uuid = serializers.UUIDField()
    appointment = serializers.IntegerField()
    day = serializers.DateField()
    start = serializers.CharField(allow_null=True)
    end = serializers.CharField(allow_null=True)
    mode = serializers.ChoiceField(Mode.choices)
    purpose = serializers.ChoiceField(Purpose.choices)
    place = serializers.CharField(allow_blank=True)
    no_visitors = serializers.BooleanField()
    matters = MatterOut(many=True)
    state = serializers.ChoiceField(LogState.choices)
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    supplement = serializers.BooleanField()
    returned_reason = serializers.CharField(allow_blank=True)
    entered_at = serializers.DateTimeField()
    minutes = serializers.IntegerField(allow_null=True)
    photos = PhotoOut(many=True)
    counts_note = serializers.CharField(allow_null=True)


class DifferenceOut(serializers.Serializer):
    """Both tellings as people read them; "" is a field left empty."""

    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kept = serializers.CharField(allow_blank=True)
    sent = serializers.CharField(allow_blank=True)


class ConflictOut(ErrorOut):
    """``different`` and ``stale`` come with what stands and how it differs from what was sent."""

    log = LogOut(required=False)
    differences = DifferenceOut(many=True, required=False)


class LogsOut(serializers.Serializer):
    """``removed``: taken back with an import. ``cursor``: next ``since``. ``more``: ask again."""

    items = LogOut(many=True)
    removed = serializers.ListField(child=serializers.UUIDField())
    cursor = serializers.IntegerField()
    more = serializers.BooleanField()


class ItemOut(serializers.Serializer):
    """``body`` is the record, or the refusal, as a request of its own would have answered."""

    uuid = serializers.CharField(allow_null=True)
    status = serializers.IntegerField()
    body = serializers.DictField()


class BatchOut(serializers.Serializer):
    items = ItemOut(many=True)


class PlaceOut(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class LeftOut(serializers.Serializer):
    """One rule in the running period: how it stands, until when, and what did not count."""

    rule = serializers.CharField()
    title = serializers.CharField()
    progress = serializers.CharField()
    sentence = serializers.CharField()
    status = serializers.CharField()
    last_day = serializers.DateField(allow_null=True)
    at_risk = serializers.BooleanField()
    refused = serializers.ListField(child=serializers.CharField())


class LastOut(serializers.Serializer):
    """The newest record there, without a client."""

    purpose = serializers.ChoiceField(Purpose.choices)
    mode = serializers.ChoiceField(Mode.choices)
    start = serializers.CharField()
    end = serializers.CharField()
    kinds = serializers.ListField(child=serializers.ChoiceField(MatterKind.choices))
    place = serializers.CharField(allow_blank=True)


class ByKindField(serializers.DictField):
    """Words by kind of matter."""

    child = serializers.ListField(child=serializers.CharField())


class AppointmentOut(serializers.Serializer):
    """``required``: no record is taken without these fields; ``wanted``: without them it does not
    count, or as incomplete. ``until`` is the last day, null without one."""

    id = serializers.IntegerField()
    village = PlaceOut()
    township = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    required = ByKindField()  # type: ignore[assignment]
    wanted = ByKindField()
    confirmation = serializers.BooleanField()
    counted_from = serializers.ChoiceField(LogState.choices)
    left = LeftOut(many=True)
    last = LastOut(allow_null=True)
    phrases = ByKindField()


class AdvisorOut(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class WaitingOut(serializers.Serializer):
    confirm = serializers.IntegerField()
    returned = serializers.IntegerField()


class RequestOut(serializers.Serializer):
    id = serializers.IntegerField()
    village = serializers.CharField()
    kind = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    wanted_on = serializers.DateField(allow_null=True)
    raised_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    overdue = serializers.BooleanField()
    state = serializers.ChoiceField(RequestState.choices)
    state_label = serializers.CharField()


class HomeOut(serializers.Serializer):
    """``choices`` are pairs of value and label, by name."""

    advisor = AdvisorOut()
    today = serializers.DateField()
    server_time = serializers.DateTimeField()
    choices = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    )
    appointments = AppointmentOut(many=True)
    requests = RequestOut(many=True)
    waiting = WaitingOut()


class TokenIn(serializers.Serializer):
    name = serializers.CharField(max_length=50)


class TokenOut(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True)


class NewTokenOut(TokenOut):
    token = serializers.CharField()


class ZeroOut(serializers.Serializer):
    appointment = serializers.IntegerField()
    month = serializers.CharField()
    reason = serializers.CharField()
    filed_on = serializers.DateField()
