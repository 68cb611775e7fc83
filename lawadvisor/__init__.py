"""The shell: settings, routes, the worker. It imports every floor; no floor imports it."""

from lawadvisor.celery import app as celery_app

__all__ = ("celery_app",)
