from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "lawadvisor.foundation"
    label = "foundation"
    verbose_name = "系统"
