"""The journal is append-only, whoever asks: the database refuses to change or remove an entry."""

from django.db import migrations

GUARD = """
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER journal_append_only ON journal_entry; DROP FUNCTION journal_is_append_only();",
        )
    ]
