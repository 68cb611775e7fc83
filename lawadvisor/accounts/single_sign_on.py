"""Single sign-on by OpenID Connect, by setting: whom the provider names, and nobody new.

The library carries the protocol (code flow with state, nonce and PKCE). Ours is which account a
claim means, and what the person reads when it means none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import jwt
import requests
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from mozilla_django_oidc import views as library
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from lawadvisor.accounts import entry, register
from lawadvisor.accounts.backends import PortalBackend
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.models import User

log = logging.getLogger(__name__)


class SingleSignOn(OIDCAuthenticationBackend):  # type: ignore[misc]  # untyped library
    """The active account whose user name or phone number a claim says."""

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:
        """Only what the way back asks, which brings the nonce of this browser."""
        return super().authenticate(request, **kwargs) if kwargs.get("nonce") else None

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """Also that the token was made out to us, which the library leaves out."""
        payload: dict[str, Any] = super().verify_token(token, **kwargs)
        audience = payload.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if settings.OIDC_RP_CLIENT_ID not in named:
            raise SuspiciousOperation("token for another client")
        return payload

    def get_userinfo(
        self, access_token: str, id_token: str, payload: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Refused where it is about somebody other than the token (OpenID Connect Core 5.3.2)."""
        found: dict[str, Any] = super().get_userinfo(access_token, id_token, payload)
        if not payload.get("sub") or found.get("sub") != payload["sub"]:
            raise SuspiciousOperation("user info of another subject")
        return found

    def verify_claims(self, claims: Mapping[str, Any]) -> bool:
        return bool(claims.get(settings.OIDC_CLAIM))

    def filter_users_by_claims(self, claims: Mapping[str, Any]) -> list[User]:
        user = User.objects.named(str(claims[settings.OIDC_CLAIM]))
        return [user] if user and PortalBackend().user_can_authenticate(user) else []

    def describe_user_by_claims(self, claims: Mapping[str, Any]) -> str:  # noqa: ARG002
        return settings.OIDC_CLAIM  # the log gets the claim's name, never what it says

    def get_user(self, user_id: int) -> User | None:
        """Closed accounts and demo accounts as at the other door."""
        return PortalBackend().get_user(user_id)


class _Back(library.OIDCAuthenticationCallbackView):  # type: ignore[misc]  # untyped library
    def login_success(self) -> HttpResponse:
        return entry.enter(
            self.request, self.user, outcome=Outcome.SINGLE_SIGN_ON, after=self.success_url
        )

    def login_failure(self) -> HttpResponse:
        register.note(Outcome.UNKNOWN_PERSON, self.request)
        return _refusal(self.request, known=False, status=403)


@login_not_required
def leave(request: HttpRequest) -> HttpResponse:
    """To the provider; 404 where none is set."""
    _refuse_unset()
    return library.OIDCAuthenticationRequestView.as_view()(request)


@login_not_required
@never_cache
def come_back(request: HttpRequest) -> HttpResponse:
    """From the provider; whatever is wrong with its answer is one page and a line in the log."""
    _refuse_unset()
    try:
        return _Back.as_view()(request)
    except (requests.RequestException, SuspiciousOperation, jwt.PyJWTError, LookupError) as error:
        log.warning("single sign-on failed: %s", type(error).__name__)
        return _refusal(request, known=True, status=502)


def _refuse_unset() -> None:
    if not settings.OIDC_RP_CLIENT_ID:
        raise Http404


def _refusal(request: HttpRequest, *, known: bool, status: int) -> HttpResponse:
    return render(request, "registration/single_refused.html", {"known": known}, status=status)
