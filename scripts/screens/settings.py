"""The program's settings as people meet them: without Django's own error pages, with the built files at hand."""

from cluster_ehs.settings import *  # noqa: F403

DEBUG = False
WHITENOISE_USE_FINDERS = True
