"""What the database refuses whoever asks: overlaps, ways no appointment takes, visits without what they need."""

from django.db import migrations

from clinic.audit.triggers import audited

NO_OVERLAP = """
ALTER TABLE bookings_allocation ADD CONSTRAINT allocation_no_overlap
  EXCLUDE USING gist (during WITH &&, int8range(resource_id, resource_id, '[]') WITH &&) WHERE (active);
ALTER TABLE bookings_allocation ADD CONSTRAINT allocation_takes_time
  CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)
         AND NOT lower_inf(during) AND NOT upper_inf(during));
CREATE INDEX allocation_of_resource ON bookings_allocation (resource_id, lower(during)) INCLUDE (during, expires_at)
  WHERE active;
"""
OVERLAP = """
DROP INDEX allocation_of_resource;
ALTER TABLE bookings_allocation DROP CONSTRAINT allocation_takes_time;
ALTER TABLE bookings_allocation DROP CONSTRAINT allocation_no_overlap;
"""

# Kept true to bookings.states.MOVES and ACTIVE by tests/bookings/test_truths.py.
MOVES = """
CREATE FUNCTION bookings_appointment_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state || '>' || NEW.state <> ALL (ARRAY[
    'held>cancelled', 'held>confirmed', 'held>lapsed', 'held>pending_review', 'held>reserved',
    'reserved>cancelled', 'reserved>confirmed', 'reserved>lapsed', 'reserved>pending_review',
    'pending_review>cancelled', 'pending_review>confirmed',
    'confirmed>arrived', 'confirmed>cancelled', 'confirmed>no_show', 'confirmed>pending_review',
    'arrived>cancelled', 'arrived>confirmed', 'arrived>in_treatment', 'arrived>pending_review',
    'in_treatment>arrived', 'in_treatment>done',
    'done>in_treatment',
    'no_show>arrived', 'no_show>confirmed',
    'lapsed>held'
  ]) THEN
    RAISE EXCEPTION 'an appointment does not go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_moves';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER appointment_moves BEFORE UPDATE OF state ON bookings_appointment
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION bookings_appointment_moves();
"""
NO_MOVES = """
DROP TRIGGER appointment_moves ON bookings_appointment;
DROP FUNCTION bookings_appointment_moves();
"""

# The one place that says whether an appointment's resources are taken, and until when if it is only a hold.
FOLLOW = """
CREATE FUNCTION bookings_is_active(state text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN state NOT IN ('cancelled', 'lapsed');

CREATE FUNCTION bookings_allocations_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE bookings_allocation
     SET active = bookings_is_active(NEW.state),
         expires_at = CASE WHEN NEW.state = 'held' THEN NEW.hold_expires_at END
   WHERE appointment_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER allocations_follow AFTER UPDATE OF state, hold_expires_at ON bookings_appointment
  FOR EACH ROW WHEN (bookings_is_active(OLD.state) <> bookings_is_active(NEW.state)
    OR (OLD.state = 'held') <> (NEW.state = 'held') OR OLD.hold_expires_at IS DISTINCT FROM NEW.hold_expires_at)
  EXECUTE FUNCTION bookings_allocations_follow();
"""
NO_FOLLOW = """
DROP TRIGGER allocations_follow ON bookings_appointment;
DROP FUNCTION bookings_allocations_follow();
DROP FUNCTION bookings_is_active(text);
"""

# Checked at commit: exactly what the phases need is taken, and nothing is once the appointment counts no more.
RESOURCED = """
CREATE FUNCTION bookings_check_resources(appointment uuid) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE FUNCTION bookings_appointment_resourced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM bookings_check_resources(NEW.id); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER appointment_resourced
  AFTER INSERT OR UPDATE OF state, starts_at, ends_at, treatment_starts_at, treatment_ends_at,
    room_id, practitioner_id, device_id, patient_id
  ON bookings_appointment DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION bookings_appointment_resourced();

CREATE FUNCTION bookings_allocation_resourced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM bookings_check_resources(OLD.appointment_id); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER allocation_resourced
  AFTER UPDATE OR DELETE ON bookings_allocation DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION bookings_allocation_resourced();
"""
NOT_RESOURCED = """
DROP TRIGGER allocation_resourced ON bookings_allocation;
DROP FUNCTION bookings_allocation_resourced();
DROP TRIGGER appointment_resourced ON bookings_appointment;
DROP FUNCTION bookings_appointment_resourced();
DROP FUNCTION bookings_check_resources(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial"), ("audit", "0002_truths")]

    operations = [
        migrations.RunSQL(NO_OVERLAP, OVERLAP),
        migrations.RunSQL(MOVES, NO_MOVES),
        migrations.RunSQL(FOLLOW, NO_FOLLOW),
        migrations.RunSQL(RESOURCED, NOT_RESOURCED),
        audited("bookings_appointment"),
    ]
