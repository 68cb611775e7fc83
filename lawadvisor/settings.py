"""Every setting of the portal, each from the environment or with a stated default."""

from __future__ import annotations

from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

#: Everything that the portal writes lies below: database, sockets, papers, fonts, logs.
VAR_DIR = env.path("LAWADVISOR_VAR", BASE_DIR / "var")
MEDIA_ROOT = VAR_DIR / "media"
#: A folder with the bureau's own licensed fonts (方正小标宋, 仿宋_GB2312), None without.
FONTS_DIR = env.path("LAWADVISOR_FONTS_DIR", None)

#: Demo mode shows the red bar, prints passwords and lets demo accounts sign in.
DEMO = env.bool("LAWADVISOR_DEMO", False)
DEBUG = env.bool("LAWADVISOR_DEBUG", False)


def _secret_key() -> str:
    """The key from the environment, else from the file that set-up wrote."""
    if key := env.str("LAWADVISOR_SECRET_KEY", ""):
        return key
    file = VAR_DIR / "secret_key"
    if file.is_file():
        return file.read_text(encoding="ascii").strip()
    raise ImproperlyConfigured(
        "缺少密钥：请设置环境变量 LAWADVISOR_SECRET_KEY，或运行 make run 生成。"
    )


SECRET_KEY = _secret_key()


def _data_keys() -> list[str]:
    """Newest first, from the environment, else from the file that set-up wrote, a key a line."""
    keys: list[str] = env.list("LAWADVISOR_DATA_KEYS", [])
    if keys:
        return keys
    file = VAR_DIR / "data_keys"
    if file.is_file() and (keys := file.read_text(encoding="ascii").split()):
        return keys
    raise ImproperlyConfigured(
        "缺少数据密钥：请设置环境变量 LAWADVISOR_DATA_KEYS，或运行 make run 生成；"
        "换了机器的，请取回原来的密钥，否则已加密的内容无法读出。"
    )


#: Keys that were the secret key before: codes on papers that they signed stay known.
SECRET_KEY_FALLBACKS: list[str] = env.list("LAWADVISOR_OLD_SECRET_KEYS", [])
#: What seals names, phone numbers and texts in the database (docs/data-keys.md).
DATA_KEYS = _data_keys()
ALLOWED_HOSTS = env.list("LAWADVISOR_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("LAWADVISOR_ORIGINS", [])

#: What stands before a link that leaves the portal, "" where nobody has said.
PORTAL_ADDRESS = (CSRF_TRUSTED_ORIGINS or [env.str("LAWADVISOR_ADDRESS", "")])[0].rstrip("/")

#: Behind TLS: secure cookies and the proxy's word for the scheme.
HTTPS = env.bool("LAWADVISOR_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
#: Behind our own proxy, which overwrites X-Forwarded-For: the audit keeps that address.
PROXY = env.bool("LAWADVISOR_PROXY", False)
#: The longest that one login lasts, however busy.
SESSION_COOKIE_AGE = env.int("LAWADVISOR_SESSION_SECONDS", 12 * 3600)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

INSTALLED_APPS = [
    # first, so that the admin of accounts can take theirs away again
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "lawadvisor",
    "lawadvisor.foundation",
    "villages",
    "lawadvisor.accounts",
    "advisors",
    "worklogs",
    "assessments",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "whitenoise.runserver_nostatic",
    "lawadvisor.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "lawadvisor.middleware.ContentPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lawadvisor.accounts.middleware.SessionLimits",
    "lawadvisor.accounts.middleware.SignInRequired",
    "lawadvisor.middleware.ViewerMiddleware",
    "lawadvisor.accounts.middleware.FirstThings",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "lawadvisor.urls"
WSGI_APPLICATION = "lawadvisor.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lawadvisor.middleware.portal",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        env.str("DATABASE_URL"), conn_max_age=60, conn_health_checks=True
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["lawadvisor.accounts.backends.PortalBackend"]

#: Single sign-on by OpenID Connect, where a client id is given: its provider's four addresses,
#: and the claim that says the user name or phone number here.
OIDC_RP_CLIENT_ID = env.str("LAWADVISOR_OIDC_CLIENT_ID", "")
OIDC_RP_CLIENT_SECRET = env.str("LAWADVISOR_OIDC_CLIENT_SECRET", "")
OIDC_OP_AUTHORIZATION_ENDPOINT = env.str("LAWADVISOR_OIDC_AUTHORIZE_URL", "")
OIDC_OP_TOKEN_ENDPOINT = env.str("LAWADVISOR_OIDC_TOKEN_URL", "")
OIDC_OP_USER_ENDPOINT = env.str("LAWADVISOR_OIDC_USER_URL", "")
OIDC_OP_JWKS_ENDPOINT = env.str("LAWADVISOR_OIDC_KEYS_URL", "")
OIDC_CLAIM = env.str("LAWADVISOR_OIDC_CLAIM", "preferred_username")
#: What the button says.
OIDC_NAME = env.str("LAWADVISOR_OIDC_NAME", "统一身份认证登录")
OIDC_RP_SCOPES = env.str("LAWADVISOR_OIDC_SCOPES", "openid profile")
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_PKCE = True
OIDC_CREATE_USER = False
OIDC_TIMEOUT = 10
if OIDC_RP_CLIENT_ID:
    AUTHENTICATION_BACKENDS.append("lawadvisor.accounts.single_sign_on.SingleSignOn")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"lawadvisor.accounts.passwords.{rule}Validator"}
    for rule in ("Length", "Kinds", "Similarity", "Common", "NotRecent")
]
#: After so many days a password must be changed; 0 never asks.
PASSWORD_DAYS = env.int("LAWADVISOR_PASSWORD_DAYS", 90)
#: So many wrong tries within the window lock an account, for these minutes, the next time longer.
LOCK_TRIES = 5
LOCK_WINDOW_MINUTES = 30
LOCK_MINUTES = env.list("LAWADVISOR_LOCK_MINUTES", [30, 60, 120, 240], subcast=int)
#: The same for an address, behind which a whole office may sit.
ADDRESS_TRIES = env.int("LAWADVISOR_ADDRESS_TRIES", 50)
#: Minutes without a request after which a session ends, in the back office sooner.
IDLE_MINUTES = env.int("LAWADVISOR_IDLE_MINUTES", 30)
ADMIN_IDLE_MINUTES = env.int("LAWADVISOR_ADMIN_IDLE_MINUTES", 15)
#: Whoever may enter the back office needs a second factor.
SECOND_FACTOR_REQUIRED = env.bool("LAWADVISOR_SECOND_FACTOR", False)
#: How many months the registers of sign-ins and deeds are kept; six at least.
LOG_MONTHS = env.int("LAWADVISOR_LOG_MONTHS", 36)

OTP_TOTP_ISSUER = "一村（社区）一法律顾问"
#: A clock may be half a minute off, and no more as time goes by.
OTP_TOTP_SYNC = False
#: One law counts all tries: lawadvisor.accounts.guard.
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0

#: The mail server for messages to people, "" for none; "ssl" or "starttls" seals the way to it.
EMAIL_HOST = env.str("LAWADVISOR_MAIL_HOST", "")
EMAIL_PORT = env.int("LAWADVISOR_MAIL_PORT", 465)
EMAIL_HOST_USER = env.str("LAWADVISOR_MAIL_USER", "")
EMAIL_HOST_PASSWORD = env.str("LAWADVISOR_MAIL_PASSWORD", "")
_MAIL_SEAL = env.str("LAWADVISOR_MAIL_SEAL", "ssl")
EMAIL_USE_SSL, EMAIL_USE_TLS = _MAIL_SEAL == "ssl", _MAIL_SEAL == "starttls"
DEFAULT_FROM_EMAIL = env.str("LAWADVISOR_MAIL_FROM", EMAIL_HOST_USER)

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
#: Served straight from the source folders: no collect step between a change and the page.
WHITENOISE_USE_FINDERS = True

REDIS_URL = env.str("REDIS_URL")


def _broker(url: str) -> str:
    """kombu's spelling of the redis client's ``unix://path?db=1``; other URLs are one to both."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # longer than the longest job, so that a running one is not delivered again
    "visibility_timeout": 3600,
    # a web request must not hang on a silent broker: the sweeper rings again
    "max_retries": 1,
    "socket_connect_timeout": 2,
    # connected, then no answer (stopped, swapped out, cut off). The worker's own
    # blocking read asks for a second at a time, so it is never mistaken for silence.
    "socket_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE

#: How often a job may be claimed before it is given up with its name.
JOB_TRIES = env.int("LAWADVISOR_JOB_TRIES", 3)

#: What is counted for a minute and may be lost; records never lie there.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "lawadvisor",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}
#: Requests of one person to the API in a minute; a batch of 50 records is one.
API_PER_MINUTE = env.int("LAWADVISOR_API_PER_MINUTE", 240)
#: After so many days a token for the API must be made anew.
TOKEN_DAYS = env.int("LAWADVISOR_TOKEN_DAYS", 90)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["assessments.api.access.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "assessments.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "一村（社区）一法律顾问",
    "DESCRIPTION": "法律顾问本人的岗位：提交、修改、撤回服务记录，取回变动，查看还差什么。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "ENUM_NAME_OVERRIDES": {
        "Mode": "worklogs.enums.Mode",
        "Purpose": "worklogs.enums.Purpose",
        "MatterKind": "worklogs.enums.MatterKind",
        "LegalTopic": "worklogs.enums.LegalTopic",
        "SpecialGroup": "worklogs.enums.SpecialGroup",
        "Mark": "worklogs.enums.Mark",
        "LogState": "worklogs.enums.LogState",
        "AttachmentKind": "worklogs.enums.AttachmentKind",
    },
}

DEFAULT_EXCEPTION_REPORTER_FILTER = "lawadvisor.foundation.quietlogs.QuietReporterFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "lawadvisor.foundation.quietlogs.QuietFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"fontTools": {"level": "WARNING"}, "weasyprint": {"level": "ERROR"}},
}
