from django.urls import URLPattern, path

from triage.views import board, meetings, waiting

urlpatterns: list[URLPattern] = [
    path("screening/", meetings.screening, name="screening"),
    path("screening/new/", meetings.plan, name="meeting-new"),
    path("screening/referrals/<uuid:referral_pk>/", board.screen_referral, name="screen-referral"),
    path("screening/referrals/<uuid:referral_pk>/step-up/", board.step_up, name="step-up"),
    path("screening/referrals/<uuid:referral_pk>/end/", board.end_referral, name="end-referral"),
    path("screening/referrals/<uuid:referral_pk>/offer/", board.offer_again, name="offer-again"),
    path("screening/<uuid:pk>/", meetings.meeting, name="meeting"),
    path("screening/<uuid:pk>/state/", meetings.change_state, name="meeting-state"),
    path("screening/<uuid:pk>/agenda/", meetings.order_agenda, name="meeting-agenda"),
    path("screening/<uuid:pk>/attendees/", meetings.attendees, name="meeting-attendees"),
    path("screening/<uuid:pk>/recap/", meetings.recap, name="meeting-recap"),
    path("screening/<uuid:pk>/actions/", meetings.actions, name="meeting-actions"),
    path("screening/<uuid:pk>/<uuid:referral_pk>/", board.board, name="board"),
    path("screening/<uuid:pk>/<uuid:referral_pk>/defer/", board.defer, name="defer"),
    path("waiting/", waiting.waiting_list, name="waiting-list"),
    path("waiting/<uuid:pk>/", waiting.change, name="offer"),
    path("waiting/<uuid:pk>/check-in/", waiting.check_in, name="offer-check-in"),
    path("waiting/<uuid:pk>/move/", waiting.move, name="offer-move"),
    path("waiting/<uuid:pk>/withdraw/", waiting.withdraw, name="offer-withdraw"),
    path("passed-on/", waiting.ledger, name="partner-ledger"),
    path("passed-on/<uuid:pk>/", waiting.passed_on, name="passing-on"),
]
