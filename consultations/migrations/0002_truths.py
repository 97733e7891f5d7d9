"""What the database refuses whoever asks: a form, a decision, an answer or a consent is never edited or deleted."""

from django.db import migrations

from clinic.audit.triggers import append_only, audited


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
    dependencies = [("consultations", "0001_initial"), ("audit", "0002_truths")]

    operations = [
        migrations.RunSQL(KEEP_PUBLISHED, FORGET),
        append_only("consultations_submission", sealed=("answers", "as_asked", "findings")),
        append_only("consultations_reviewdecision", sealed=("reason", "patient_text", "precautions", "question")),
        append_only("consultations_questionanswer", sealed=("text",)),
        append_only("consultations_consenttext"),
        append_only("consultations_treatmentconsent", sealed=("typed_name",)),
        audited("consultations_questionnaireversion"),
        audited("consultations_submission"),
        audited("consultations_reviewdecision"),
        audited("consultations_questionanswer"),
        audited("consultations_treatmentconsent"),
        audited("consultations_draft"),
    ]
