"""The row policies, as the application role meets them."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from cases.models import Case, Contact, ContactNote, Goal, Plan
from cluster_ehs.core import scope
from cluster_ehs.core.db import as_owner
from cluster_ehs.core.models import Change, Look
from cluster_ehs.core.scope import NamedActor, Window, acting_as
from cluster_ehs.core.walls_check import refuse_unsafe_role
from families.models import Family, Person
from referrals.models import Referral, Story
from tests.fixtures_cast import Cast, as_
from triage.models import AgendaItem

# Tables without row policies, each with the reason that it holds nothing of a family.
OPEN_TABLES = {
    "clusters": "who we are: reference data, staff and roles",
    # Each by its name: what is gathered of families, and files about children, have walls.
    **dict.fromkeys(
        (
            *("monitoring_reportrun", "monitoring_reportfile", "monitoring_keptinside", "monitoring_needsegments"),
            *("monitoring_extract", "monitoring_extracttaken", "monitoring_returnrun", "monitoring_schedule"),
            *("monitoring_schedule_clusters", "monitoring_schedule_recipients", "monitoring_rule"),
            *("monitoring_curiosityrule", "monitoring_curiosityrun"),
        ),
        "figures and references without names; who may open a report is a policy of its own",
    ),
    "triage_messagetemplate": "texts with placeholders, settings",
    "cases_auditquestion": "what an audit asks, settings",
    "cases_supervisioninterval": "weeks between two supervisions of a post, settings",
    "outcomes_instrument": "which questionnaires there are, settings",
    "outcomes_item": "what a questionnaire asks, settings",
    "outcomes_band": "what a score means, settings",
    "outcomes_survey": "what is asked in a survey, of which services, settings",
    "outcomes_surveystratum": "how many families of a service were drawn, figures",
    "outcomes_instrumentlicence": "who holds a licence, settings",
    "triage_schoolholiday": "days without school, settings",
    "outcomes_readingcuts": "where low ends and high begins in the matrix of readings, settings",
    "outcomes_unitcost": "what a statutory step costs, with its source, settings",
    "core_message": "mail to staff: a link and a count, never a name",
    "referrals_confirmedtext": "which translations a person has confirmed",
    "referrals_correctedtext": "texts of the public form, as a person corrected them",
    "keeping_accessjob": "what a worker has to do for a request about records: plain keys, no name",
    "families_previewjob": "where a content lies, by a random name: nothing of whose it is",
    "core_backup": "when a back-up was made, of how many rows, and what went wrong",
    "core_transition": "the legal states, read only",
    "core_seal": "digests over the history",
    "core_disposed": "which digests of the history have lost their entry by a disposal, not readable by the program",
    "keeping_place": "columns whose words a disposal cleans, read only",
    "keeping_retentionrule": "how long records are kept, settings",
    "core_link": "digests of the history's entries, not readable by the program",
    "auth": "Django's own, unused",
    "django": "Django's own: sessions, content types, migrations",
    "account": "sign-in",
    "mfa": "second factors",
    "socialaccount": "who signs in through the directory",
    "usersessions": "where staff are signed in",
}

FIXED = ["{search_path=public}", '{"search_path=public, pg_temp"}']
# Worked out from other rows, or a second copy of them for a few weeks: their history would be a third.
WITHOUT_HISTORY = {
    *("families_persontoken", "keeping_heldentry", "keeping_mark", "keeping_heldfile", "keeping_redacteddocument"),
}

FAMILY_MODELS = [m for m in apps.get_models() if any(f.name == "family" for f in m._meta.fields)] + [Family]


def test_every_table_is_walled_or_named_as_open(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND NOT relrowsecurity"
        )
        unwalled = {name for (name,) in cursor.fetchall()}
    unexplained = {t for t in unwalled if t not in OPEN_TABLES and t.split("_")[0] not in OPEN_TABLES}
    assert not unexplained


def test_what_goes_round_the_walls_has_a_fixed_path_and_is_the_program_s_alone(db: None) -> None:
    """Functions that run as the owner: a table of the same name elsewhere is not taken for ours."""
    ours = "FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {ours}")
        assert cursor.fetchone()[0] > 50
        cursor.execute(
            f"SELECT oid::regprocedure::text {ours} AND NOT coalesce(proconfig::text, '') = ANY (%s)", [FIXED]
        )
        assert cursor.fetchall() == []
        cursor.execute(
            f"SELECT oid::regprocedure::text {ours} AND prorettype <> 'trigger'::regtype"
            " AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)"
        )
        # It gives nobody more than their own roles do.
        assert cursor.fetchall() == [("ehs_act_as(bigint)",)]


@pytest.mark.parametrize("model", FAMILY_MODELS, ids=lambda m: m._meta.label)
def test_a_family_table_has_policies_history_and_a_key_to_its_cluster(db: None, model: type) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_policies WHERE tablename = %s", [table])
        assert cursor.fetchone()[0] >= 4
        if model is not Family:
            cursor.execute(
                "SELECT count(*) FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
                [table, f"{table}_same_cluster"],
            )
            assert cursor.fetchone()[0] == 1
        if table not in WITHOUT_HISTORY:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'history'", [table]
            )
            assert cursor.fetchone()[0] == 1


def test_with_no_scope_there_is_nothing(cast: Cast) -> None:
    assert Case.objects.count() == 0
    assert Person.objects.count() == 0
    assert Change.objects.count() == 0
    with as_(cast.practitioner):
        assert Case.objects.count() == 1


def test_a_scope_ends_with_its_transaction(cast: Cast) -> None:
    with as_(cast.practitioner):
        pass
    assert Case.objects.count() == 0


def test_a_practitioner_reads_the_own_cluster_and_no_restricted_record(cast: Cast) -> None:
    with as_(cast.practitioner):
        assert set(Family.objects.values_list("name", flat=True)) == {"Novák", "Wójcik"}
        assert not Referral.objects.filter(pk__in=[cast.other_referral.pk, cast.restricted_referral.pk]).exists()


def test_a_leader_does_not_read_a_restricted_record_without_being_named(cast: Cast) -> None:
    with as_(cast.leader):
        assert not Person.objects.filter(family=cast.restricted_family).exists()
    with as_(cast.colleague):
        assert Person.objects.filter(family=cast.restricted_family).count() == 2


def test_a_manager_reads_no_record_and_counts_without_free_text(cast: Cast) -> None:
    with as_(cast.manager):
        assert Referral.objects.count() == 0
        with scope.figures():
            assert Referral.objects.count() == 6
            assert Story.objects.count() == 0
            assert ContactNote.objects.count() == 0
        assert Referral.objects.count() == 0


def test_therapy_notes_are_for_the_author_and_the_clinical_supervisor(cast: Cast) -> None:
    note = {"contact": cast.session}
    for reader, sees in (
        (cast.therapist, True),
        (cast.supervisor, True),
        (cast.practitioner, False),
        (cast.leader, False),
        (cast.other_leader, False),
    ):
        with as_(reader):
            assert ContactNote.objects.filter(**note).exists() is sees, reader
    with as_(cast.practitioner):
        assert Contact.objects.filter(pk=cast.session.pk).exists()


def test_a_clinical_supervisor_sees_sessions_of_the_supervised_alone(cast: Cast) -> None:
    with as_(cast.supervisor):
        assert set(Contact.objects.values_list("pk", flat=True)) == {cast.session.pk}
        assert set(Case.objects.values_list("pk", flat=True)) == {cast.case.pk}
        assert Person.objects.count() == 0


def test_the_history_of_a_private_note_is_as_private(cast: Cast) -> None:
    changes = {"table_name": "cases_contactnote", "after__text": "What was said in therapy."}
    with as_(cast.leader):
        assert not Change.objects.filter(**changes).exists()
    with as_(cast.therapist):
        assert Change.objects.filter(**changes).exists()


def test_a_panel_guest_sees_the_agenda_of_the_open_meeting_alone(cast: Cast) -> None:
    with as_(cast.guest):
        assert set(Referral.objects.values_list("pk", flat=True)) == {cast.referral.pk}
        assert AgendaItem.objects.count() == 1
        assert Case.objects.count() == 0


def test_a_family_reads_no_table_even_with_its_window_open(cast: Cast) -> None:
    """What its page shows comes from functions that choose the columns; a policy could only choose rows."""
    window = Window(family_id=str(cast.family.pk), cluster_id=cast.cluster.pk)
    with acting_as(NamedActor.FAMILY, window=window):
        assert [model._meta.label for model in FAMILY_MODELS if model.objects.exists()] == []


def test_nobody_writes_into_another_cluster(cast: Cast) -> None:
    with as_(cast.practitioner), pytest.raises(DatabaseError), transaction.atomic():
        Family.objects.create(cluster=cast.other_cluster, reference="HI-F2026-0099", name="Smuggled")


def test_no_row_hangs_under_another_clusters_parent(cast: Cast) -> None:
    with (
        acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]),
        pytest.raises(DatabaseError, match="same_family"),
        transaction.atomic(),
    ):
        Plan.objects.create(cluster=cast.cluster, family=cast.family, case=cast.other_case, agreed_on="2026-01-01")


def test_every_change_is_recorded_however_it_is_made(cast: Cast) -> None:
    with as_(cast.practitioner):
        Person.objects.filter(pk=cast.child.pk).update(known_as="Zdenka")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE families_person SET year_group = '4' WHERE id = %s", [str(cast.child.pk)])
        made = Person.objects.bulk_create(
            [Person(cluster=cast.cluster, family=cast.family, first_name="Baby", last_name="Novák")]
        )
        made[0].delete()
        seen = [
            (c.operation, c.after and {k: c.after[k] for k in ("known_as", "year_group") if k in c.after}, c.actor)
            for c in Change.objects.filter(table_name="families_person").order_by("-pk")[:4]
        ]
    assert [operation for operation, *_ in seen] == ["delete", "insert", "update", "update"]
    assert seen[2][1] == {"year_group": "4"} and seen[3][1] == {"known_as": "Zdenka"}
    assert {actor for *_, actor in seen} == {"Asha Example"}


@pytest.mark.parametrize("table", ["core_change", "core_event", "core_look"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_trace_cannot_be_changed(cast: Cast, table: str, statement: str) -> None:
    with (
        as_(cast.leader),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_nobody_looks_in_somebody_elses_name(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Look.objects.create(
            actor="Asha Example",
            user_id=cast.practitioner.pk,
            cluster_id=cast.cluster.pk,
            family_id=cast.family.pk,
            page="forged",
        )


def test_an_illegal_state_is_refused_by_the_database(cast: Cast) -> None:
    with as_(cast.leader):
        with pytest.raises(DatabaseError, match="illegal state"), transaction.atomic():
            Case.objects.filter(pk=cast.case.pk).update(status="closed", closed_on="2026-01-01")
        with pytest.raises(DatabaseError, match="illegal state"), transaction.atomic():
            Referral.objects.create(
                cluster=cast.cluster,
                family=cast.family,
                child=cast.child,
                reference="RI-2026-0999",
                received_on="2026-01-01",
                route=cast.referral.route,
                channel="online",
                status="ended",
            )


def test_a_fourth_goal_and_a_score_of_eleven_are_refused_by_the_database(cast: Cast) -> None:
    keys = {"cluster": cast.cluster, "family": cast.family}
    with as_(cast.practitioner):
        plan = Plan.objects.create(**keys, case=cast.case, agreed_on="2026-01-01")
        for position in (1, 2, 3):
            Goal.objects.create(**keys, plan=plan, position=position, words=f"Goal {position}")
        for position in (3, 4):
            with pytest.raises(DatabaseError), transaction.atomic():
                Goal.objects.create(**keys, plan=plan, position=position, words="A fourth")
        with pytest.raises(DatabaseError, match="goalscore_0_10"), transaction.atomic():
            plan.goals.first().scores.create(**keys, score=11, scored_on="2026-01-01")


def test_the_application_role_is_safe_and_the_owner_is_refused(db: None) -> None:
    refuse_unsafe_role()


@pytest.mark.django_db(transaction=True)
def test_the_start_is_refused_under_the_owner_with_its_name() -> None:
    with as_owner(), pytest.raises(ImproperlyConfigured, match=r"ehs_owner.*owns"):
        refuse_unsafe_role()
