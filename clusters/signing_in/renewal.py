"""Who shows again who they are goes on under a new session key, and the one of before opens nothing [ASVS 7.2.4].

At a sign-in Django does it. Here it is done for the password typed again, and for a second factor that is shown or set
up later.
"""

from allauth.account.signals import authentication_step_completed
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from clusters.models import User


def renew(request: HttpRequest, user: User, **_: object) -> None:
    if not request.user.is_authenticated or request.user.pk != user.pk:
        return
    before = request.session.session_key
    request.session.cycle_key()
    # The list under Your account, by which a sign-in can be ended, follows.
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


authentication_step_completed.connect(renew, dispatch_uid="renew_session")
