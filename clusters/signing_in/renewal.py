"""Who shows again who they are goes on under a new session key, and the one of before opens nothing [ASVS 7.2.4].

At a sign-in Django does it. Here it is done for the password typed again, and for a second factor that is shown or set
up later.
"""

from allauth.account.signals import authentication_step_completed
from django.http import HttpRequest

from clusters.models import User
from clusters.signing_in import sessions


def renew(request: HttpRequest, user: User, **_: object) -> None:
    if not request.user.is_authenticated or request.user.pk != user.pk:
        return
    before = sessions.name_here(request)
    request.session.cycle_key()
    # The list under Your account, by which a sign-in can be ended, follows.
    sessions.renamed(before, request)


authentication_step_completed.connect(renew, dispatch_uid="renew_session")
