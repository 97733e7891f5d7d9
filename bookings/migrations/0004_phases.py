"""A visit may begin with a consultation, which needs the practitioner a second time; what answers count until when."""

import clinic.crypto.fields
from django.db import migrations, models

# As in 0002, with the practitioner's time for the talk.
RESOURCED = """
CREATE OR REPLACE FUNCTION bookings_check_resources(appointment uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE a bookings_appointment; wrong text;
BEGIN
  SELECT * INTO a FROM bookings_appointment WHERE id = appointment;
  IF NOT FOUND THEN RETURN; END IF;
  WITH wanted(resource_id, during) AS (
    SELECT w.resource_id, w.during FROM (VALUES
      (a.room_id, tstzrange(a.starts_at, a.ends_at)),
      (a.practitioner_id, tstzrange(a.treatment_starts_at, a.treatment_ends_at)),
      (CASE WHEN a.talk_ends_at IS NOT NULL THEN a.practitioner_id END, tstzrange(a.starts_at, a.talk_ends_at)),
      (a.device_id, tstzrange(a.treatment_starts_at, a.treatment_ends_at)),
      ((SELECT id FROM bookings_resource WHERE patient_id = a.patient_id AND a.patient_id IS NOT NULL),
       tstzrange(a.starts_at, a.treatment_ends_at))) w(resource_id, during)
    WHERE w.resource_id IS NOT NULL AND bookings_is_active(a.state)
  ), taken AS (
    SELECT resource_id, during FROM bookings_allocation WHERE appointment_id = appointment AND active
  )
  SELECT string_agg(coalesce(wanted.resource_id, taken.resource_id)::text, ', ') INTO wrong
    FROM wanted FULL JOIN taken ON wanted.resource_id = taken.resource_id AND wanted.during = taken.during
   WHERE wanted.resource_id IS NULL OR taken.resource_id IS NULL;
  IF wrong IS NULL AND a.patient_id IS NOT NULL AND bookings_is_active(a.state)
     AND NOT EXISTS (SELECT 1 FROM bookings_resource WHERE patient_id = a.patient_id) THEN
    wrong := 'patient';
  END IF;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'appointment % (%) and its allocations disagree about: %', a.reference, a.state, wrong
      USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_has_its_resources';
  END IF;
END $$;
DROP TRIGGER appointment_resourced ON bookings_appointment;
CREATE CONSTRAINT TRIGGER appointment_resourced
  AFTER INSERT OR UPDATE OF state, starts_at, ends_at, treatment_starts_at, treatment_ends_at, talk_ends_at,
    room_id, practitioner_id, device_id, patient_id
  ON bookings_appointment DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION bookings_appointment_resourced();
"""
AS_BEFORE = """
CREATE OR REPLACE FUNCTION bookings_check_resources(appointment uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE a bookings_appointment; wrong text;
BEGIN
  SELECT * INTO a FROM bookings_appointment WHERE id = appointment;
  IF NOT FOUND THEN RETURN; END IF;
  WITH wanted(resource_id, during) AS (
    SELECT w.resource_id, w.during FROM (VALUES
      (a.room_id, tstzrange(a.starts_at, a.ends_at)),
      (a.practitioner_id, tstzrange(a.treatment_starts_at, a.treatment_ends_at)),
      (a.device_id, tstzrange(a.treatment_starts_at, a.treatment_ends_at)),
      ((SELECT id FROM bookings_resource WHERE patient_id = a.patient_id AND a.patient_id IS NOT NULL),
       tstzrange(a.starts_at, a.treatment_ends_at))) w(resource_id, during)
    WHERE w.resource_id IS NOT NULL AND bookings_is_active(a.state)
  ), taken AS (
    SELECT resource_id, during FROM bookings_allocation WHERE appointment_id = appointment AND active
  )
  SELECT string_agg(coalesce(wanted.resource_id, taken.resource_id)::text, ', ') INTO wrong
    FROM wanted FULL JOIN taken ON wanted.resource_id = taken.resource_id AND wanted.during = taken.during
   WHERE wanted.resource_id IS NULL OR taken.resource_id IS NULL;
  IF wrong IS NULL AND a.patient_id IS NOT NULL AND bookings_is_active(a.state)
     AND NOT EXISTS (SELECT 1 FROM bookings_resource WHERE patient_id = a.patient_id) THEN
    wrong := 'patient';
  END IF;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'appointment % (%) and its allocations disagree about: %', a.reference, a.state, wrong
      USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_has_its_resources';
  END IF;
END $$;
DROP TRIGGER appointment_resourced ON bookings_appointment;
CREATE CONSTRAINT TRIGGER appointment_resourced
  AFTER INSERT OR UPDATE OF state, starts_at, ends_at, treatment_starts_at, treatment_ends_at,
    room_id, practitioner_id, device_id, patient_id
  ON bookings_appointment DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION bookings_appointment_resourced();
"""


# A change says between which instants it lies, so that a copy re-reads no more than that.
RANGES = """
-- Copies keep whole seconds.
ALTER TABLE bookings_allocation ADD CONSTRAINT allocation_on_whole_seconds
  CHECK (date_trunc('second', lower(during)) = lower(during) AND date_trunc('second', upper(during)) = upper(during));
ALTER TABLE bookings_diarychange ADD COLUMN during tstzrange;
CREATE OR REPLACE FUNCTION bookings_diary_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bookings_diarychange (resource_id, during)
    SELECT c.resource_id, tstzrange(min(lower(c.during)), max(upper(c.during)))
      FROM changed c JOIN bookings_resource r ON r.id = c.resource_id WHERE r.kind <> 'patient' GROUP BY c.resource_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION bookings_diary_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bookings_diarychange (resource_id, during)
    SELECT c.resource_id, tstzrange(min(lower(c.during)), max(upper(c.during)))
      FROM (SELECT resource_id, during FROM was UNION ALL SELECT resource_id, during FROM is_now) c
      JOIN bookings_resource r ON r.id = c.resource_id WHERE r.kind <> 'patient' GROUP BY c.resource_id;
  RETURN NULL;
END $$;
CREATE TRIGGER diary_whole AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON bookings_practitioner
  FOR EACH STATEMENT EXECUTE FUNCTION bookings_everything_changed();
"""
NO_RANGES = """
DROP TRIGGER diary_whole ON bookings_practitioner;
CREATE OR REPLACE FUNCTION bookings_diary_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bookings_diarychange (resource_id)
    SELECT DISTINCT c.resource_id FROM changed c JOIN bookings_resource r ON r.id = c.resource_id WHERE r.kind <> 'patient';
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION bookings_diary_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bookings_diarychange (resource_id)
    SELECT DISTINCT c.resource_id FROM (SELECT resource_id FROM was UNION SELECT resource_id FROM is_now) c
      JOIN bookings_resource r ON r.id = c.resource_id WHERE r.kind <> 'patient';
  RETURN NULL;
END $$;
ALTER TABLE bookings_diarychange DROP COLUMN during;
ALTER TABLE bookings_allocation DROP CONSTRAINT allocation_on_whole_seconds;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0003_diary_changes'),
        ('people', '0001_initial'),
        ('treatments', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='allocation',
            name='allocation_once',
        ),
        migrations.AddField(
            model_name='appointment',
            name='cleared_until',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='appointment',
            name='interval_reason',
            field=clinic.crypto.fields.EncryptedTextField(null=True, verbose_name='why nearer to another visit than usual'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='practitioner_gender',
            field=models.CharField(blank=True, choices=[('woman', 'Woman'), ('man', 'Man'), ('other', 'Other')], max_length=8),
        ),
        migrations.AddField(
            model_name='appointment',
            name='talk_end',
            field=models.DateTimeField(db_column='talk_ends_at', null=True),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.UniqueConstraint(fields=('appointment', 'resource', 'during'), name='allocation_once'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('talk_end__isnull', True), models.Q(('talk_end__gt', models.F('start')), ('talk_end__lte', models.F('treatment_start'))), _connector='OR'), name='appointment_talk_comes_first'),
        ),
        migrations.RunSQL(RESOURCED, AS_BEFORE),
        migrations.RunSQL(RANGES, NO_RANGES),
    ]
