from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class PortalConfig(AppConfig):
    """The shell as an app: it has commands and checks, and no models."""

    name = "lawadvisor"
    label = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from lawadvisor import checks  # noqa: F401  they register themselves, and need the models


class BackOfficeConfig(admin_apps.AdminConfig):
    default = False  # that of this package is the shell
    default_site = "lawadvisor.site.BackOffice"
