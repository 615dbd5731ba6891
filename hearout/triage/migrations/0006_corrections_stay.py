"""What a person said about a post stays as they said it: the database refuses to change or remove a correction."""

from django.db import migrations

GUARD = """
CREATE FUNCTION triage_corrections_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'corrections are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER triage_correction_append_only BEFORE UPDATE OR DELETE ON triage_correction
    FOR EACH ROW EXECUTE FUNCTION triage_corrections_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0005_learning")]
    operations = [
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER triage_correction_append_only ON triage_correction; "
            "DROP FUNCTION triage_corrections_stay();",
        )
    ]
