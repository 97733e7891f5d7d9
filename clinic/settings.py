"""One settings file, read strictly from the environment. Production values that are unsafe are refused."""

import importlib.util
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from clinic import env
from clinic.embedded import environment as embedded_environment
from clinic.messaging.schedule import BEAT as MESSAGE_BEAT
from clinic.messaging.schedule import daily, tick

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()
PRIVATE_FILES_DIR = Path(env.text("PRIVATE_FILES_DIR", str(VAR_DIR / "private"))).resolve()

if not env.text("DATABASE_URL"):
    embedded_environment.adopt(VAR_DIR)
if not env.text("DATABASE_URL"):
    raise env.EnvironmentProblem("no database. Run `make run`, or set DATABASE_URL and REDIS_URL.")

PRODUCTION = env.boolean("PRODUCTION", False)
DEMO = env.boolean("DEMO", not PRODUCTION)
DEBUG = env.boolean("DEBUG", False)
RATE_LIMITS = env.boolean("RATE_LIMITS", True)
SECRET_KEY = env.text("SECRET_KEY")
FIELD_KEYS = env.text("FIELD_KEYS")
SEARCH_KEY = env.text("SEARCH_KEY")
HOST, PORT = env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000, least=1)
PUBLIC_URL = env.text("PUBLIC_URL", f"http://{HOST}:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]", HOST, "testserver"))
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", (PUBLIC_URL,))
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")

for _name in ("SECRET_KEY", "FIELD_KEYS", "SEARCH_KEY"):
    if not globals()[_name]:
        raise env.EnvironmentProblem(f"{_name} is not set. .env.example says how to make one.")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    *(["csp"] if importlib.util.find_spec("csp") else []),
    "clinic.embedded",
    "clinic.ui",
    "clinic.crypto",
    "clinic.people",
    "clinic.audit",
    "clinic.messaging",
    "treatments",
    "bookings",
    "consultations",
]

MIDDLEWARE = [
    "clinic.proxies.ForwardedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "clinic.people.language.PatientLanguageMiddleware",
    "clinic.zone.ClinicZoneMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.people.idle.IdleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.errors.DomainErrorMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.csrf",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.context.clinic",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

DATABASES = {"default": env.postgres(env.text("DATABASE_URL"))}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
DATABASES["default"]["OPTIONS"].setdefault("application_name", "needlepoint")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "people:home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("tr", _("Turkish")), ("es", _("Spanish")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

# Files are judged while they arrive: what is too large never reaches the disk whole.
FILE_UPLOAD_HANDLERS = [
    "clinic.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 20

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 300

SECURE = PUBLIC_URL.startswith("https://")
PREFIX = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{PREFIX}session", f"{PREFIX}csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 24 * 3600
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
CSRF_FAILURE_VIEW = "clinic.views.csrf_failure"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# An acknowledgement that a silent broker swallows is never given back to a worker's allowance: with one it would stand
# still for good. Ticks are few, and bear being done twice.
CELERY_WORKER_PREFETCH_MULTIPLIER = 0
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that was away for a night is found again in the morning
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "visibility_timeout": 600,
    "global_keyprefix": env.text("REDIS_PREFIX", "needlepoint:"),
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "beat")
CELERY_BEAT_SCHEDULE = {
    **MESSAGE_BEAT,
    "expire_holds": tick("bookings.expire_holds", 15),
    "offer_freed_times": tick("bookings.offer_freed_times", 60),
    "plan_messages": daily("bookings.plan_messages"),
    "remind": tick("consultations.remind_bookable", 300),
    "follow_decisions": tick("consultations.follow_decisions", 15),
    "page_practitioners": tick("consultations.page_practitioners", 60),
    "alert_unreviewed": tick("consultations.alert_unreviewed", 300),
    "forget": daily("consultations.forget_unbooked"),
    "clear_unsent": tick("consultations.clear_unsent", 600),
    "tidy_enquiries": daily("consultations.tidy_enquiries"),
}
CELERY_TIMEZONE = "UTC"

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "clinic.errors.problem_handler",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["clinic.api_parser.CarefulJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["clinic.people.authentication.BySession"],
    "DEFAULT_PERMISSION_CLASSES": ["clinic.people.access.ByPolicy"],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Needlepoint",
    "DESCRIPTION": "Treatments, free times, screening and bookings of one clinic.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "clinic.api_schema.finish"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["clinic.people.access.ByPolicy"],
}

CLINIC_NAME = env.text("CLINIC_NAME", "Derma Studio Moda")
CLINIC_PHONE = env.text("CLINIC_PHONE", "+902165550140")
CLINIC_WHATSAPP = env.text("CLINIC_WHATSAPP", "+905325550140")
CLINIC_EMAIL = env.text("CLINIC_EMAIL", "hello@dermastudio.example")
EMERGENCY_NUMBER = env.text("EMERGENCY_NUMBER", "112")
PHONE_REGION = env.text("PHONE_REGION", "TR")
VIDEO_BASE_URL = env.text("VIDEO_BASE_URL").rstrip("/")
CLINIC_TIMEZONE = env.text("CLINIC_TIMEZONE", "Europe/Istanbul")

ENQUIRY_ANSWER_DAYS = env.integer("ENQUIRY_ANSWER_DAYS", 2, least=1)
ENQUIRY_KEPT_DAYS = env.integer("ENQUIRY_KEPT_DAYS", 90, least=1)

TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN")
TWILIO_MESSAGING_SERVICE_SID = env.text("TWILIO_MESSAGING_SERVICE_SID")
TWILIO_SMS_FROM = env.text("TWILIO_SMS_FROM")
TWILIO_WHATSAPP_FROM = env.text("TWILIO_WHATSAPP_FROM")
TWILIO_BASE_URL = env.text("TWILIO_BASE_URL")
MESSAGE_PROVIDER = env.choice("MESSAGE_PROVIDER", "twilio" if TWILIO_ACCOUNT_SID else "demo", ("twilio", "demo"))
SMS_COUNTRIES = env.words("SMS_COUNTRIES", ("TR", "DE", "GB", "ES", "AE", "US"))
# The outbox's numbers that a clinic sets; those not given, and all others, are in clinic/messaging/config.py.
MESSAGING: dict = {
    name: env.prices(variable) if variable.endswith("_PRICES") else env.integer(variable, 0)
    for variable, name in {
        "DAILY_MESSAGES": "daily_messages",
        "DAILY_SPEND_CENTS": "daily_cents",
        "SMS_PRICES": "sms_cents",
        "WHATSAPP_PRICES": "whatsapp_cents",
        "SMS_PER_SECOND": "sms_per_second",
        "WHATSAPP_PER_SECOND": "whatsapp_per_second",
    }.items()
    if env.text(variable)
}

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST")
    else ("django.core.mail.backends.filebased.EmailBackend")
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_USER"), env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", CLINIC_EMAIL)

LINE = "{asctime} {levelname} {name} {message}"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"private": {"()": "clinic.privacy.PrivateFilter"}},
    "formatters": {
        "line": {"()": "clinic.privacy.PrivateFormatter", "fmt": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["private"]}},
    "root": {"handlers": ["out"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": ["out"], "level": "INFO", "propagate": False}},
}
