"""Two at the same moment: real threads, real connections, committed transactions."""

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Contact
from cases.services import open_case
from cluster_ehs.core.denied import Conflict
from tests.fixtures_cast import as_, decided, make_cast, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run all at the same time; give back what each answered or raised."""
    answers, start = [None] * len(acts), threading.Barrier(len(acts))

    def run(n, act):
        try:
            start.wait(10)
            answers[n] = act()
        except Exception as error:
            answers[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_a_double_submit_by_two_threads_makes_one_contact():
    with transaction.atomic():
        cast = make_cast()
    now = timezone.localtime()
    data = {
        "once": str(uuid.uuid4()),
        "people": [str(cast.child.pk)],
        "kind": "home_visit",
        "attendance": "attended",
        "note": "Once.",
        "at-day": now.day,
        "at-month": now.month,
        "at-year": now.year,
        "at-time": f"{now:%H:%M}",
    }
    clients = [sign_in(Client(), cast.practitioner) for _ in range(2)]
    url = reverse("contact-new", args=[cast.case.pk])
    answers = at_once(*(lambda c=c: c.post(url, data).status_code for c in clients))
    assert answers == [302, 302]
    with as_(cast.practitioner):
        assert Contact.objects.filter(notes__text="Once.").count() == 1


def test_two_places_of_one_family_allocated_at_once_make_one_case():
    with transaction.atomic():
        cast = make_cast()
    with as_(cast.leader):
        offer = decided(cast.referral, by=cast.leader).offers.get()

    def take(worker):
        def act():
            with as_(cast.leader):
                return open_case(by=cast.leader, offers=[offer], lead_worker=worker).pk

        return act

    answers = at_once(take(cast.practitioner), take(cast.colleague))
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert sum(isinstance(answer, uuid.UUID) for answer in answers) == 1
    with as_(cast.leader):
        assert Case.objects.filter(family=cast.referral.family).count() == 1
