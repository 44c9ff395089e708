"""How gunicorn serves, in development as in production; WEB_CONCURRENCY sets the number of processes."""

import os

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 30
# PDF and spreadsheets leave memory behind; a process gives it back by ending now and then.
max_requests = 5000
max_requests_jitter = 500
errorlog = "-"
# No access log: the proxy keeps one, and addresses of records are not for a second place.
accesslog = None
