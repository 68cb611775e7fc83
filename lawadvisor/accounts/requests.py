"""Who acts in a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest

from lawadvisor.foundation.requests import address_of
from lawadvisor.foundation.viewer import Actor

if TYPE_CHECKING:
    from lawadvisor.accounts.models import User


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person with his address, as the audit keeps them."""
    user = cast("User", request.user)
    return user.as_actor(address_of(request))
