"""Settings. Everything that differs between places comes from the environment.

`EHS_ENV` is `development` (the default), `test` or `production`. In production a
missing secret stops the start and is named; in development the embedded servers
under `var/` are used when `DATABASE_URL` or `REDIS_URL` is unset.
"""

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from cluster_ehs.core import logs, patience, rights, secret_files, servers  # noqa: F401 - secrets that are files
from cluster_ehs.signing_in import (  # noqa: F401 - settings by being named here
    ACCOUNT_FORMS,
    ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR,
    ACCOUNT_RATE_LIMITS,
    AUTH_PASSWORD_VALIDATORS,
    BREACHED_PASSWORDS,
    DIRECTORY_GROUPS,
    DIRECTORY_ISSUER,
    DIRECTORY_NAME,
    DIRECTORY_PROMPT,
    DIRECTORY_ROLES,
    DIRECTORY_SECOND_FACTOR,
    DIRECTORY_TRUSTS_ADDRESSES,
    MFA_FORMS,
    MFA_RATE_LIMITS,
    MFA_WEBAUTHN_USER_VERIFICATION,
    PASSWORD_LENGTH,
    PASSWORD_WORDS,
    SOCIALACCOUNT_ADAPTER,
    SOCIALACCOUNT_EMAIL_AUTHENTICATION,
    SOCIALACCOUNT_PROVIDERS,
    SOCIALACCOUNT_STORE_TOKENS,
)

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = os.environ.get("EHS_ENV", "development")
PRODUCTION = ENV == "production"
DEBUG = ENV == "development" and os.environ.get("DEBUG", "1") == "1"


def secret(name: str, otherwise: str) -> str:
    """The environment's value; in production a missing one stops the start with its name."""
    value = os.environ.get(name, "")
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{name} is not set. It is required when EHS_ENV=production.")
    return otherwise


SECRET_KEY = secret("SECRET_KEY", "development-only-key-never-used-in-production-0123456789")
# Older keys that still open what they sealed, by comma.
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
# Where whoever finds a weakness may write: a web or mail address.
SECURITY_CONTACT = os.environ.get("EHS_SECURITY_CONTACT", "")
ALLOWED_HOSTS = secret("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
PUBLIC_URL = secret("PUBLIC_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []

# --- database: the program logs in as a role that the row policies bind (design section 2) ---
DATABASE_URL = secret("DATABASE_URL", servers.database_url())
# Only `migrate` and the tests' set-up use the owner; the web and worker processes are not given it.
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL") or (
    "" if os.environ.get("DATABASE_URL") else servers.database_owner_url()
)
# Only the process that makes back-ups is given this one: it reads everything and writes nothing.
DATABASE_BACKUP_URL = os.environ.get("DATABASE_BACKUP_URL") or (
    "" if os.environ.get("DATABASE_URL") else servers.database_backup_url()
)
DATABASES = {
    "default": {
        **dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True),
        # Behind a transaction pooler server-side cursors would outlive their transaction.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DATABASES["default"]["OPTIONS"] = patience.options(DATABASES["default"].get("OPTIONS", {}))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- queue ---
REDIS_URL = secret("REDIS_URL", servers.redis_url())
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_USE_SSL = servers.queue_tls(REDIS_URL)
# Counts attempts to sign in, for all web processes together; nothing about a family is ever cached here.
CACHES = {
    "default": {
        "BACKEND": "cluster_ehs.core.cache.SharedCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "counts",
        # Nobody waits longer for a count than that; while it is away each process counts for itself.
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
# Over twice the limit: a task that is still running is never handed out a second time.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 2400,
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
}
# However long the queue is away, worker and beat wait for it: what is due lies in the database.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Whoever saves a page does not wait for a queue that is away: the sweep finds the work.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
# Made by a worker of its own, which alone can read everything.
CELERY_TASK_ROUTES = {"cluster_ehs.core.back_up": {"queue": "backup"}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/London"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(servers.VAR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    # What must happen is a row in PostgreSQL; the sweep makes sure of it, the queue makes it prompt.
    "sweep": {"task": "cluster_ehs.core.sweep", "schedule": timedelta(minutes=1)},
    "daily-back-up": {"task": "cluster_ehs.core.back_up", "schedule": crontab(minute="30", hour="1")},
    "eight-weeks-of-waiting": {
        "task": "triage.tell_of_long_waits",
        "schedule": crontab(minute="30", hour="6"),
    },
    "reminders-of-surveys": {
        "task": "outcomes.tell_of_survey_reminders",
        "schedule": crontab(minute="35", hour="6"),
    },
    "monthly-monitoring-report": {
        "task": "monitoring.start_due_reports",
        "schedule": crontab(minute="15", hour="5"),
    },
}

INSTALLED_APPS = [
    "cluster_ehs.core.apps.CoreConfig",
    "clusters",
    "families",
    "referrals",
    "triage",
    "cases",
    "formulation",
    "outcomes",
    "imports",
    "monitoring",
    "keeping",
    "demo",
    "cluster_ehs.core.apps.TechnicalConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # TemplatesSetting finds the templates of Django's own widgets through it.
    "django.forms",
    "crispy_forms",
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "clusters.signing_in.session_list.SessionListConfig",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "drf_spectacular",
    "csp",
]

MIDDLEWARE = [
    "cluster_ehs.core.request_ids.RequestIdMiddleware",
    # The headers that protect a browser, also on what the next three answer.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "cluster_ehs.core.health.HealthMiddleware",
    "cluster_ehs.core.metrics.MetricsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cluster_ehs.core.session_limits.SessionLimitsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cluster_ehs.core.well_formed.WellFormedMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # What was written into a form that is refused altogether is kept, outside the request that is undone.
    "cluster_ehs.core.draft_views.KeepRefusedMiddleware",
    # One transaction per request that first says who is acting; everything below it is walled.
    "cluster_ehs.core.middleware.ScopeMiddleware",
    # A form that arrives after the session has ended is kept, then its sender is asked to sign in.
    "cluster_ehs.core.draft_views.KeepTypedMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    # Who reads records and has shown no second factor is led to it before anything else opens.
    "clusters.signing_in.middleware.SecondFactorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "cluster_ehs.urls"
WSGI_APPLICATION = "cluster_ehs.wsgi.application"
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
                "csp.context_processors.nonce",
                "cluster_ehs.core.context.page",
            ],
            "builtins": ["cluster_ehs.core.templatetags.ehs"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["ehs"]
CRISPY_TEMPLATE_PACK = "ehs"
CRISPY_FAIL_SILENTLY = False

# --- people ---
AUTH_USER_MODEL = "clusters.User"
AUTHENTICATION_BACKENDS = [
    "clusters.backends.EmailBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "clusters.adapters.AccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
# A mail to an address that has no account would tell nobody anything but that somebody typed it.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
# How many proxies of ours stand in front: attempts are counted by the address that the last of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES", "1" if PRODUCTION else "0"))
# Reset links; an invitation lives longer (clusters/invitations.py).
PASSWORD_RESET_TIMEOUT = 4 * 60 * 60
# "required": nobody who reads records gets in with a password alone; "everybody": referrers neither; "offered": all.
SECOND_FACTOR = os.environ.get("EHS_SECOND_FACTOR", "required" if PRODUCTION else "offered")
SECOND_FACTOR_REQUIRED = SECOND_FACTOR != "offered"
MFA_ADAPTER = "clusters.signing_in.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers allow passkeys without TLS on localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = os.environ.get("EHS_SERVICE_LABEL", "Cluster early help")
if PRODUCTION and DIRECTORY_ISSUER and not DIRECTORY_ISSUER.startswith("https://"):
    raise ImproperlyConfigured("EHS_OIDC_ISSUER must be an https:// address.")
# Exports, roles and emergency access ask for the password again when it was typed longer ago.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# A session ends with the browser, after half an hour without a request, and after twelve hours at the latest.
SESSION_ENGINE = "cluster_ehs.core.session_store"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = 30 * 60
ACCOUNT_SESSION_REMEMBER = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "cluster_ehs.core.draft_views.csrf_failure"

# --- transport and content ---
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    # Programs are refused instead (core/well_formed.py); the other two are asked inside our network.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$", r"^api/"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers take a cookie of such a name from this host over TLS alone: no neighbour's page can set it.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
HOST_COOKIE_PREFIX = "__Host-" if PRODUCTION else ""
# What was done may name a child: sealed in the cookie that carries it to the next page.
MESSAGE_STORAGE = "cluster_ehs.core.sealed_messages.SealedStorage"

# --- language and time: stored in UTC, shown in Europe/London ---
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- files ---
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = servers.VAR / "static"
# No other site's page reads them; and what is text says in which characters.
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MIMETYPES = {".svg": 'image/svg+xml; charset="utf-8"'}
FILES_ROOT = Path(secret("FILES_ROOT", str(servers.VAR / "files")))
STORAGES = {
    # Files of families and reports lie outside the web root and are opened only through a view.
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": FILES_ROOT}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# The heads of the history's chain, signed, one line an hour. In production on another machine than the database.
AUDIT_HEADS = Path(os.environ.get("EHS_AUDIT_HEADS", str(servers.VAR / "history-heads.jsonl")))
# Earlier SECRET_KEYs, to check the heads that they signed; nothing else is read or signed with them.
AUDIT_HEADS_KEYS_BEFORE = [key for key in os.environ.get("EHS_AUDIT_HEADS_KEYS_BEFORE", "").split(",") if key]
# The mail address of whoever answers for what is kept and disposed of: told each month what is due.
RETENTION_OWNER = os.environ.get("EHS_RETENTION_OWNER", "")
# Back-ups (docs/operations.md): a folder or |command, the key they are sealed for, days that a folder keeps them.
BACKUP_TARGET = os.environ.get("EHS_BACKUP_TARGET", "")
BACKUP_KEY = os.environ.get("EHS_BACKUP_KEY", "")
BACKUP_DAYS = int(os.environ.get("EHS_BACKUP_DAYS", "35"))
# After so many minutes without an answer the next on duty is told of a risk of significant harm.
HARM_ESCALATION_MINUTES = int(os.environ.get("HARM_ESCALATION_MINUTES", "15"))
UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024
VIRUS_SCANNER = os.environ.get("EHS_VIRUS_SCANNER", "")  # asked before a file is stored (core/uploads.py); empty: none
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A formulation of 360 factors sends four fields for each; Django would refuse the form, and lose what was typed.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- rights: what people ask of us about their data (core/rights.py, docs/privacy.md) ---
EXTRA_BANK_HOLIDAYS, COMPLAINT_WORKING_DAYS, ACCESS_FILES_DAYS = rights.HOLIDAYS, rights.COMPLAINT, rights.FILES
CONTROLLER, DATA_PROTECTION_EMAIL, DATA_PROTECTION_TELEPHONE, LAWFUL_BASIS = rights.who(live=PRODUCTION)

# --- feeds: a directory is asked over https and never inside our own network, but for trying things out ---
FEEDS_MAY_BE_LOCAL = DEBUG
# Whose schools a file of the register adds: 383 is Leeds.
LOCAL_AUTHORITY = os.environ.get("EHS_LOCAL_AUTHORITY", "383")
# Where files of notifications are put, in police/ and spa/; empty: nowhere.
INTAKE_FOLDER = os.environ.get("EHS_INTAKE_FOLDER", "")

# --- mail: no personal data in a message ---
DEFAULT_FROM_EMAIL = secret("DEFAULT_FROM_EMAIL", "early-help@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if PRODUCTION:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = secret("EMAIL_HOST", "")
    EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = True
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(servers.VAR / "mail")

# --- the public form ---
# Shown with the emergency notice; empty where the council has none.
OUT_OF_HOURS_TELEPHONE = os.environ.get("EHS_OUT_OF_HOURS_TELEPHONE", "" if PRODUCTION else "0113 496 0999")
# Nobody fills in twelve pages in less: what does is asked to look again.
PUBLIC_FORM_SECONDS = int(os.environ.get("EHS_PUBLIC_FORM_SECONDS", "20"))

# --- API ---
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["clusters.api_auth.TokenAuthentication"],
    # DRF exempts itself from the sign-in middleware, so the default is set here as well.
    "DEFAULT_PERMISSION_CLASSES": ["clusters.api_auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "cluster_ehs.core.api_schema.Described",
    "EXCEPTION_HANDLER": "cluster_ehs.core.api.exception_handler",
    "DEFAULT_PAGINATION_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Cluster early help",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["cluster_ehs.core.api_schema.complete"],
}

# --- what is said outside: without anybody's data (core/logs.py, core/error_reports.py) ---
LOGGING = logs.config(json_lines=PRODUCTION)
# Who is mailed about an error: addresses, by comma.
ERRORS_TO = [address for address in os.environ.get("EHS_ERRORS_TO", "").split(",") if address]
# What Prometheus sends to read /metrics; empty: there is no such page.
METRICS_TOKEN = os.environ.get("EHS_METRICS_TOKEN", "")

# --- the gate before live data (core/gate.py); it names what is missing ---
LIVE_DATA = os.environ.get("EHS_LIVE_DATA", "no").lower() in {"1", "yes", "true"}
VAR = servers.VAR

# Words that an authority may change (domain section 5, "names"); the code keeps the domain's words.
LABELS = {"service": os.environ.get("EHS_SERVICE_LABEL", "Cluster early help")}
