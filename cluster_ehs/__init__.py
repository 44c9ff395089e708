from cluster_ehs.celery import app as celery_app

__all__ = ["celery_app"]
