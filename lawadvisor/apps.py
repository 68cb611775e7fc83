from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The shell as an app: it has commands and checks, and no models."""

    name = "lawadvisor"
    label = "portal"
    verbose_name = "门户"
