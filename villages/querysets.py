"""Places, as far as a viewer may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from villages.models import Bureau, Township, Village  # noqa: F401  (names for the generics)


class BureauQuerySet(ScopedQuerySet["Bureau"]):
    holds = Thing.PLACES
    bureau_path = "pk"


class TownshipQuerySet(ScopedQuerySet["Township"]):
    holds = Thing.PLACES
    bureau_path = "bureau"
    township_path = "pk"


class VillageQuerySet(ScopedQuerySet["Village"]):
    holds = Thing.PLACES
    bureau_path = "township__bureau"
    township_path = "township"
    village_path = "pk"

    def active(self) -> Self:
        return self.filter(is_active=True)
