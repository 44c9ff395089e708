"""What families ask about their records: two copies, one of them being read; something put right; two complaints."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Exists, OuterRef

from cases.models import Case, CaseStatus
from cluster_ehs.core.scope import acting_as_user
from clusters.models import User
from demo.ground import World
from demo.papers import attendance
from families.models import Person, StoredFile
from keeping.models import HeldEntry, Mark, RightsRequest
from keeping.requests import services
from keeping.subject_access import documents, marking
from keeping.subject_access import services as access
from keeping.subject_access.models import Reason

FAMILIES = 5


def ask_about_records(world: World) -> None:
    """Of the first open cases in the order of their references, one request each; the copy of one with documents."""
    dee = world.staff["dee"]
    with acting_as_user(dee.pk):
        papers = Exists(StoredFile.objects.filter(family=OuterRef("family"), name="attendance.txt"))
        cases = list(
            Case.objects.filter(cluster=world.cluster, status=CaseStatus.OPEN, family__restricted=False)
            .select_related("family__cluster")
            .annotate(papers=papers)
            .order_by("-papers", "reference")[:FAMILIES]
        )
        copy = _ask(world, dee, cases[0], "access", 12, "Everything that you hold on my child.", "parent")
        mine = _ask(world, dee, cases[1], "access", 3, "My file.", "person")
        services.pause(by=dee, asked=mine, question="Which years?")
        wrong = _ask(world, dee, cases[2], "rectification", 20, "It says that we were late each day. No.", "parent")
        services.answer(
            by=dee,
            asked=wrong,
            outcome="not_right",
            text="The register of the school says so for eleven days. We have added what you say.",
            statement="The bus was late, not we. The school knows that.",
        )
        services.note_told(by=dee, asked=wrong, who="The school’s attendance officer", on=world.today)
        heard = _ask(world, dee, cases[3], "complaint", 30, "Nobody rang back for two weeks.", "parent")
        services.answer(
            by=dee,
            asked=heard,
            outcome="upheld",
            text="You are right, and we are sorry. Calls are now answered by whoever covers.",
            learning="Cover has to be written down before leave begins.",
        )
        _ask(world, dee, cases[4], "complaint", 2, "The meeting was moved without asking us.", "parent")
        access.gather(by=dee, asked=copy)
        job = access.last_job(copy, "gather")
    if job is None:
        raise RuntimeError("The copy was not asked for.")
    access.do(job.pk)
    with acting_as_user(dee.pk):
        read_documents(dee, copy, cases[0])


def read_documents(by: User, copy: RightsRequest, case: Case) -> None:
    """The drawing is given as it is. From the school's letter a sentence about another family is taken out."""
    entries = HeldEntry.objects.filter(request=copy, section="documents", private=False)
    drawing, letter = (
        entries.filter(file_name=name).order_by("number")[0] for name in ("My house.png", "attendance.txt")
    )
    marking.show_again(by=by, mark=Mark.objects.get(entry=drawing, reason=Reason.TO_READ, undone_at=None))
    text = attendance(case, others="[A sentence about another family was taken out.]")
    upload = SimpleUploadedFile("attendance-in-part.txt", text.encode())
    documents.give_instead(by=by, entry=letter, upload=upload, reason=Reason.OTHERS)


def _ask(world: World, by: User, case: Case, kind: str, days: int, wanted: str, asker: str) -> RightsRequest:
    people = Person.objects.filter(family=case.family, in_household=True)
    person = people.order_by("-is_child" if asker == "parent" else "is_child", "birth_date", "pk")[0]
    return services.log_request(
        by=by,
        family=case.family,
        person=person,
        kind=kind,
        asker=asker,
        channel="phone",
        received_on=world.today - timedelta(days=days),
        asker_name=f"A parent of the {case.family.name} family",
        wanted=wanted,
        responsibility_how="Parental responsibility is recorded" if asker == "parent" else "",
        competence="not_yet" if kind == "access" and asker == "parent" else "adult" if kind == "access" else "",
    )
