"""gunicorn's own log, without the keys that stand in addresses."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from lawadvisor.foundation.quietlogs import without_keys


class QuietLogger(Logger):  # type: ignore[misc]  # gunicorn is untyped
    def atoms(self, *args: Any) -> dict[str, Any]:
        """What the format may name; ``U`` is the page."""
        told: dict[str, Any] = super().atoms(*args)
        return {**told, "U": without_keys(str(told["U"]))}
