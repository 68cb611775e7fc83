"""Every read goes through ``visible_to(viewer)``, and an unknown role sees nothing."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

from lawadvisor.foundation.viewer import Viewer

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that knows which rows a viewer may see.

    A model names the lookups that lead from its row to a place or a person:
    ``bureau_path`` and ``township_path`` reach primary keys, ``advisor_path``
    the advisor's own id. A path left "" opens nothing for that kind of viewer.
    """

    bureau_path = ""
    township_path = ""
    advisor_path = ""

    def visible_to(self, viewer: Viewer) -> Self:
        """The rows this viewer may read; none for a viewer without a matching post."""
        if viewer.sees_all:
            return self.all()
        reach = self._reach(viewer)
        return self.filter(reach) if reach else self.none()

    def _reach(self, viewer: Viewer) -> models.Q:
        reach = models.Q()
        if self.bureau_path and viewer.bureaus:
            reach |= models.Q((f"{self.bureau_path}__in", viewer.bureaus))
        if self.township_path and viewer.townships:
            reach |= models.Q((f"{self.township_path}__in", viewer.townships))
        if self.advisor_path and viewer.advisor is not None:
            reach |= models.Q((self.advisor_path, viewer.advisor))
        return reach
