from django.apps import AppConfig


class WorklogsConfig(AppConfig):
    name = "worklogs"
    verbose_name = "服务记录"
