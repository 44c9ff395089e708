"""The walls around measures, the rule that makes therapy's answers private, and the instruments that are shipped."""

from django.db import migrations

from cluster_ehs.core.walls import RECORD, SESSION, SUPERVISED, TEXT, USER, wall
from outcomes.measures.shipped import INSTRUMENTS

# Figures count scores, so who sees all Clusters reads them; what was answered in therapy is read by its author and
# their clinical supervisor alone.
SCORES = f"({RECORD}) AND (NOT private OR author_id = {USER}) OR private AND author_id = ANY ({SUPERVISED})"

# Whatever a service says: a measure of a private service is private, and so is its result.
PRIVATE = """
CREATE FUNCTION ehs_measure_is_private() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cases_caseservice c JOIN clusters_service s ON s.id = c.service_id
               WHERE c.id = NEW.case_service_id AND s.kind IN ('childrens_therapy', 'adult_counselling')) THEN
        NEW.private := true;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER private_where_taken BEFORE INSERT OR UPDATE ON outcomes_measure
FOR EACH ROW EXECUTE FUNCTION ehs_measure_is_private();
CREATE FUNCTION ehs_result_as_its_measure() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    SELECT m.private, m.author_id INTO NEW.private, NEW.author_id FROM outcomes_measure m WHERE m.id = NEW.measure_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a result belongs to a measure' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER as_its_measure BEFORE INSERT OR UPDATE ON outcomes_measureresult
FOR EACH ROW EXECUTE FUNCTION ehs_result_as_its_measure();
"""

# No licence, no use: also for what changes the settings past the program's services.
LICENSED = """
CREATE FUNCTION ehs_instrument_licensed() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NEW.in_use AND NEW.licence_needed AND NOT EXISTS (
        SELECT 1 FROM outcomes_instrumentlicence l WHERE l.instrument_id = NEW.id) THEN
        RAISE EXCEPTION 'this instrument needs a licence' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER licensed BEFORE INSERT OR UPDATE OF in_use ON outcomes_instrument
FOR EACH ROW EXECUTE FUNCTION ehs_instrument_licensed();
"""


def ship(apps, schema_editor):
    instruments, items, bands = (apps.get_model("outcomes", name) for name in ("Instrument", "Item", "Band"))
    for order, plain in enumerate(INSTRUMENTS):
        own = {name: value for name, value in plain.items() if name not in ("items", "bands")}
        instrument = instruments.objects.create(order=order, **own)
        of_total = [(None, band) for band in plain.get("bands", [])]
        of_items = []
        for place, item in enumerate(plain["items"]):
            asked = {name: value for name, value in item.items() if name != "bands"}
            made = items.objects.create(instrument=instrument, order=place, **asked)
            of_items += [(made, band) for band in item.get("bands", [])]
        bands.objects.bulk_create(
            bands(instrument=instrument, item=item, lowest=low, highest=high, label=label, alarming=alarming)
            for item, (low, high, label, alarming) in [*of_total, *of_items]
        )


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0011_measures")]
    operations = [
        *wall(
            "outcomes_measure",
            reads=SESSION,
            parents={
                "case_id": "cases_case",
                "case_service_id": "cases_caseservice",
                "person_id": "families_person",
                "answerer_id": "families_person",
            },
            parent_of=True,
        ),
        migrations.RunSQL(
            "ALTER TABLE outcomes_measure ADD CONSTRAINT outcomes_measure_corrects_id_same_family "
            "FOREIGN KEY (corrects_id, family_id, cluster_id) REFERENCES outcomes_measure (id, family_id, cluster_id) "
            "ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE",
            migrations.RunSQL.noop,
        ),
        *wall("outcomes_measureresult", reads=SCORES, parents={"measure_id": "outcomes_measure"}, private="private"),
        *wall("outcomes_measurerisk", reads=TEXT, parents={"measure_id": "outcomes_measure"}),
        *wall(
            "outcomes_agreedmeasure",
            parents={"case_id": "cases_case", "person_id": "families_person"},
        ),
        migrations.RunSQL(PRIVATE, migrations.RunSQL.noop),
        migrations.RunSQL(LICENSED, migrations.RunSQL.noop),
        migrations.RunPython(ship, migrations.RunPython.noop),
    ]
