"""Every read goes through ``visible_to(viewer)``, and an unknown role sees nothing."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.viewer import Viewer

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that knows which rows a viewer may see.

    A model says in ``holds`` what its rows are about, and names the lookups that lead from its
    row to a place, an organisation or a person: each ``…_path`` reaches primary keys. Whoever
    does not see the thing gets nothing, and a path left "" opens nothing for that kind of desk.
    """

    holds: Thing | None = None
    bureau_path = ""
    township_path = ""
    village_path = ""
    organisation_path = ""
    advisor_path = ""

    def visible_to(self, viewer: Viewer) -> Self:
        """The rows this viewer may read; none for a viewer without a matching post."""
        if self.holds is None or not viewer.sees(self.holds):
            return self.none()
        if viewer.sees_all:
            return self.all()
        reach = self._reach(viewer)
        return self.filter(reach) if reach else self.none()

    def _reach(self, viewer: Viewer) -> models.Q:
        reach = models.Q()
        several = (
            (self.bureau_path, viewer.bureaus),
            (self.township_path, viewer.townships),
            (self.village_path, viewer.villages),
        )
        for path, ids in several:
            if path and ids:
                reach |= models.Q((f"{path}__in", ids))
        single = (
            (self.organisation_path, viewer.organisation),
            (self.advisor_path, viewer.advisor),
        )
        for path, own in single:
            if path and own is not None:
                reach |= models.Q((path, own))
        return reach
