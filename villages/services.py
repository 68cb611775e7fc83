"""Writes of the floor: what a bureau knows of a village besides its code and name."""

from __future__ import annotations

from django.db import transaction

from lawadvisor.foundation import audit
from lawadvisor.foundation.viewer import Actor
from lawadvisor.foundation.whole import check_whole, facts_of
from villages.models import Village

_FACTS = ("klass", "terrain", "is_active")


@transaction.atomic
def edit_village(
    *, by: Actor, village: Village, klass: str, terrain: str, is_active: bool
) -> Village:
    """Name and code come from the division file and stay. Closed months keep their figures."""
    fresh = (
        Village.objects.select_for_update(of=("self",))
        .select_related("township")
        .get(pk=village.pk)
    )
    before = facts_of(fresh, _FACTS)
    fresh.klass, fresh.terrain, fresh.is_active = klass.strip(), terrain, is_active
    after = facts_of(fresh, _FACTS)
    if after != before:
        check_whole(fresh)
        fresh.save(update_fields=_FACTS)
        audit.record(
            by=by,
            verb="village.edit",
            subject=fresh,
            bureau_id=fresh.township.bureau_id,
            before=before,
            after=after,
        )
    return fresh
