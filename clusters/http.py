"""A request of somebody who has signed in: what views behind the sign-in middleware get."""

from django.http import HttpRequest

from clusters.models import User


class UserRequest(HttpRequest):
    user: User
