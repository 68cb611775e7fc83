"""How often one caller may ask: counted in the cache, which all processes share."""

from __future__ import annotations

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def within_pace(key: str, *, most: int, seconds: int) -> bool:
    """Is this at most the ``most``th time that ``key`` asks within ``seconds``?

    The stretch begins with the first time. A cache that does not answer lets pass: what is
    guarded so must be safe without.
    """
    name = f"pace:{key}"
    try:
        cache.add(name, 0, timeout=seconds)
        return int(cache.incr(name)) <= most
    except ValueError:  # it ran out between the two
        return True
    except RedisError:
        logger.warning("the cache does not answer; %s passes uncounted", name.partition(":")[0])
        return True
