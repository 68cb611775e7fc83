"""The ways out of the portal: e-mail by Django, group robots by apprise.

Whoever calls must know whether it may have arrived: ``RefusedError`` says that it did not,
``SilentError`` that nobody can tell.
"""

from __future__ import annotations

import re
import smtplib
import socket

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from assessments.enums import Channel
from assessments.models import BureauChannel, Delivery, MessageChoice
from lawadvisor.foundation.errors import DomainError

#: Seconds for a connection and for an answer.
_PATIENCE = 10
_HOSTS = {Channel.WECOM: "qyapi.weixin.qq.com", Channel.DINGTALK: "oapi.dingtalk.com"}
_WECOM = re.compile(
    r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([A-Za-z0-9_-]{8,100})"
)
_DINGTALK = re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([A-Za-z0-9]{8,100})")
_SECRET = re.compile(r"(?:[A-Za-z0-9]{8,100})?")


class RefusedError(Exception):
    """It was not handed over; ``str(error)`` is a short sentence for the register."""


class SilentError(Exception):
    """It was handed over, and no clear answer came."""


def robot(channel: Channel, address: str, secret: str = "") -> str:
    """What is kept of a group robot's address: its key, and after a blank DingTalk's secret.

    The host is the library's own, so that nothing is ever sent elsewhere. DomainError for what
    is no such address.
    """
    address, secret = address.strip(), secret.strip()
    if channel is Channel.WECOM:
        found = _WECOM.fullmatch(address)
        if not found:
            raise DomainError(
                "企业微信群机器人的地址应像 "
                "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=… 这样。",
                field="wecom",
            )
        return found[1]
    found = _DINGTALK.fullmatch(address)
    if not found or not _SECRET.fullmatch(secret):
        raise DomainError(
            "钉钉群机器人的地址应像 https://oapi.dingtalk.com/robot/send?access_token=… 这样，"
            "加签密钥以 SEC 开头。",
            field="dingtalk",
        )
    return f"{found[1]} {secret}".strip()


def send(delivery: Delivery) -> None:
    """Send once, by the delivery's way. Raises RefusedError or SilentError."""
    channel = Channel(delivery.channel)
    if channel is Channel.EMAIL:
        _mail(delivery)
    else:
        _post(delivery, channel)


def said(delivery: Delivery) -> str:
    """What goes out: the message's own words, and the page where the portal knows its address."""
    message = delivery.message
    link = f"{settings.PORTAL_ADDRESS}{message.link}" if settings.PORTAL_ADDRESS else ""
    return "\n".join(filter(None, (message.title, message.text, link or "请登录工作平台办理。")))


def mails() -> bool:
    """Does the portal know a mail server?"""
    return bool(settings.EMAIL_HOST)


def _mail(delivery: Delivery) -> None:
    choice = MessageChoice.objects.filter(user=delivery.message.user_id).first()
    if choice is None or not choice.email:
        raise RefusedError("本人没有填写邮箱")
    message = EmailMessage(
        subject=f"【一村（社区）一法律顾问】{delivery.message.title}",
        body=said(delivery),
        to=[choice.email.reveal()],
        headers={"Auto-Submitted": "auto-generated"},
    )
    connection = get_connection(timeout=_PATIENCE)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise RefusedError("连不上邮件服务器") from error
    try:
        connection.send_messages([message])
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise RefusedError("邮件服务器拒收") from error
    except (OSError, smtplib.SMTPException) as error:
        raise SilentError("邮件服务器没有答复") from error
    finally:
        connection.close()


def _post(delivery: Delivery, channel: Channel) -> None:
    """Through apprise, which says only yes or no: a host that cannot be reached is asked first."""
    own = BureauChannel.objects.filter(bureau=delivery.message.bureau_id, channel=channel).first()
    if own is None:
        raise RefusedError("该渠道已停用")
    try:
        socket.create_connection((_HOSTS[channel], 443), timeout=_PATIENCE).close()
    except OSError as error:
        raise RefusedError("连不上对方服务器") from error
    if not _post_by(channel, own.address.reveal(), said(delivery)):
        raise SilentError("对方服务器没有收下，或没有答复")


def _post_by(channel: Channel, address: str, text: str) -> bool:
    # the two plugins themselves: by an address apprise would load all of its services, and only
    # a worker needs them at all
    from apprise import AppriseAsset
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.wecombot import NotifyWeComBot

    patience = {"rto": _PATIENCE, "cto": _PATIENCE, "asset": AppriseAsset(app_id="lawadvisor")}
    if channel is Channel.WECOM:
        return bool(NotifyWeComBot(key=address, **patience).notify(body=text))
    token, _, secret = address.partition(" ")
    robot = NotifyDingTalk(token=token, secret=secret or None, **patience)
    return bool(robot.notify(body=text))
