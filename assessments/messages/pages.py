"""What one was told, what one wants to be told, and the ways that a bureau has switched on."""

from __future__ import annotations

from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.core.validators import validate_email
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assessments.enums import Channel, MessageKind
from assessments.messages.choosing import choose, set_channel
from assessments.messages.telling import DUTIES, SWITCHES, Words, tell_group
from assessments.messages.ways import mails, robot
from assessments.models import BureauChannel, Delivery, Message, MessageChoice
from assessments.seen import bureau_seen
from lawadvisor.accounts.models import User
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from villages.models import Bureau

A_PAGE = 30
#: So many of the newest deliveries stand on the bureau's page.
DELIVERIES = 100


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """One's own messages, the newest first; opening one is a form, for it is written down."""
    own = Message.objects.to(viewer_of(request))
    page = Paginator(own.order_by("-made_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "messages/messages.html", {"page": page})


@require_POST
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Message.objects.to(viewer_of(request)), pk=pk)
    Message.objects.filter(pk=found.pk, read_at=None).update(read_at=timezone.now())
    return redirect(found.link)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    Message.objects.to(viewer_of(request)).filter(read_at=None).update(read_at=timezone.now())
    return redirect("messages")


def settings(request: HttpRequest) -> HttpResponse:
    """One's own switches and e-mail address."""
    user = User.objects.get(pk=viewer_of(request).user_id)
    choice = MessageChoice.objects.filter(user=user).first()
    email, muted, refused = _kept(choice), choice.muted if choice else [], ""
    if request.method == "POST":
        email = request.POST.get("email", "").strip()
        muted = [kind.value for kind in SWITCHES if kind.value not in request.POST.getlist("on")]
        try:
            if email:
                validate_email(email)
        except ValidationError:
            refused = f"“{email[:50]}”不是邮箱地址，应像 name@example.com 这样。"
        else:
            choose(user=user, email=email, muted=muted)
            notes.success(request, "已保存。")
            return redirect("message-settings")
    context = {
        "email": email,
        "refused": refused,
        "kinds": [(kind, kind.value not in muted) for kind in SWITCHES],
        "duties": [kind for kind in MessageKind if kind in DUTIES],
        "mails": mails(),
    }
    return render(request, "messages/settings.html", context, status=400 if refused else 200)


def _kept(choice: MessageChoice | None) -> str:
    return choice.email.reveal() if choice else ""


# ── the bureau's ways ───────────────────────────────────────────────────────────────────────────


def channels(request: HttpRequest, code: str) -> HttpResponse:
    """Which ways are on, and what went out by them; ``wish`` sets them or sends a test."""
    viewer = viewer_of(request)
    bureau = bureau_seen(request, code, Thing.ACCOUNTS)
    if not viewer.may(Verb.KEEP_ACCOUNTS):
        raise Http404
    if request.method == "POST":
        try:
            notes.success(request, _done(request, bureau))
        except DomainError as refusal:
            notes.error(request, str(refusal))
        return redirect("channels", code)
    on = set(BureauChannel.objects.filter(bureau=bureau).values_list("channel", flat=True))
    sent = Delivery.objects.visible_to(viewer).filter(message__bureau=bureau)
    context = {
        "bureau": bureau,
        "on": on,
        "mails": mails(),
        "deliveries": sent.select_related("message__user")[:DELIVERIES],
    }
    return render(request, "messages/channels.html", context)


def _done(request: HttpRequest, bureau: Bureau) -> str:
    by, sent, wish = actor_of(request), request.POST, request.POST.get("wish", "")
    if wish == "test":
        return _test(bureau)
    name, _, turn = wish.partition("-")
    if name not in Channel.values or name == Channel.IN_APP or turn not in ("on", "off"):
        raise DomainError("请选择要启用或停用的渠道。")
    channel, address = Channel(name), ""
    if turn == "on":
        if channel is Channel.EMAIL and not mails():
            raise DomainError("系统没有设置邮件服务器，请联系系统管理员。")
        if channel is not Channel.EMAIL:
            address = robot(channel, sent.get("address", ""), sent.get("secret", ""))
    set_channel(by=by, bureau=bureau, channel=channel, on=turn == "on", address=address)
    return f"{channel.label}已{'启用' if turn == 'on' else '停用'}。"


@transaction.atomic
def _test(bureau: Bureau) -> str:
    now = timezone.now()
    words = Words(
        kind=MessageKind.TEST,
        title="测试消息",
        text="这是一条测试消息，看到它说明渠道已经接通，不需要办理。",
        link=reverse("messages"),
        key=f"test:{bureau.pk}:{now.isoformat()}",
    )
    if tell_group(bureau=bureau, words=words, now=now) is None:
        raise DomainError("还没有启用企业微信群或钉钉群。")
    return "测试消息已交付发送，请到群里查看是否收到。"
