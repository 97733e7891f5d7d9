"""What the database itself refuses on this floor."""

from django.db import migrations

KEEP_PUBLISHED = """
CREATE FUNCTION keep_published_questionnaire() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign_off text[] := ARRAY['draft', 'signed_off_by', 'signed_off_on'];
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.draft AND to_jsonb(NEW) - sign_off = to_jsonb(OLD) - sign_off THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a published questionnaire is never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON consultations_questionnaireversion
  FOR EACH ROW EXECUTE FUNCTION keep_published_questionnaire();
"""
FORGET = """
DROP TRIGGER keep_published ON consultations_questionnaireversion;
DROP FUNCTION keep_published_questionnaire();
"""


class Migration(migrations.Migration):
    dependencies = [("consultations", "0001_initial")]

    operations = [migrations.RunSQL(KEEP_PUBLISHED, FORGET)]
