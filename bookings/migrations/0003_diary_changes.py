"""What changed in whose diary, by transaction, so that a process may keep what it has read and know when it is old.

Each change to what free times depend on leaves a row with its transaction's id; no resource means everything (hours,
rooms, skills, catalogue). A reader asks which rows its last snapshot did not see: see bookings.selectors.books.
"""

from django.db import migrations

TABLES = """
CREATE TABLE bookings_diarychange (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  resource_id bigint,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX diarychange_xid ON bookings_diarychange (xid) INCLUDE (resource_id);
-- Rows up to this transaction have been forgotten: whoever read before it reads everything anew.
CREATE TABLE bookings_diaryfloor (xid xid8 NOT NULL);
INSERT INTO bookings_diaryfloor VALUES ('0');

CREATE FUNCTION bookings_diary_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bookings_diarychange (resource_id)
    SELECT DISTINCT c.resource_id FROM changed c JOIN bookings_resource r ON r.id = c.resource_id WHERE r.kind <> 'patient';
  RETURN NULL;
END $$;
CREATE TRIGGER diary_inserted AFTER INSERT ON bookings_allocation
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bookings_diary_changed();
CREATE TRIGGER diary_deleted AFTER DELETE ON bookings_allocation
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bookings_diary_changed();

CREATE FUNCTION bookings_diary_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bookings_diarychange (resource_id)
    SELECT DISTINCT c.resource_id FROM (SELECT resource_id FROM was UNION SELECT resource_id FROM is_now) c
      JOIN bookings_resource r ON r.id = c.resource_id WHERE r.kind <> 'patient';
  RETURN NULL;
END $$;
CREATE TRIGGER diary_moved AFTER UPDATE ON bookings_allocation
  REFERENCING OLD TABLE AS was NEW TABLE AS is_now FOR EACH STATEMENT EXECUTE FUNCTION bookings_diary_moved();

CREATE FUNCTION bookings_everything_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO bookings_diarychange (resource_id) VALUES (NULL); RETURN NULL; END $$;
CREATE TRIGGER diary_truncated AFTER TRUNCATE ON bookings_allocation
  FOR EACH STATEMENT EXECUTE FUNCTION bookings_everything_changed();

CREATE FUNCTION bookings_resource_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(NEW.kind, OLD.kind) <> 'patient' OR coalesce(OLD.kind, NEW.kind) <> 'patient' THEN
    INSERT INTO bookings_diarychange (resource_id) VALUES (NULL);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER diary_resource AFTER INSERT OR UPDATE OR DELETE ON bookings_resource
  FOR EACH ROW EXECUTE FUNCTION bookings_resource_changed();
CREATE TRIGGER diary_resource_truncated AFTER TRUNCATE ON bookings_resource
  FOR EACH STATEMENT EXECUTE FUNCTION bookings_everything_changed();
"""
NO_TABLES = """
DROP TRIGGER diary_resource_truncated ON bookings_resource;
DROP TRIGGER diary_resource ON bookings_resource;
DROP FUNCTION bookings_resource_changed();
DROP TRIGGER diary_truncated ON bookings_allocation;
DROP TRIGGER diary_moved ON bookings_allocation;
DROP TRIGGER diary_deleted ON bookings_allocation;
DROP TRIGGER diary_inserted ON bookings_allocation;
DROP FUNCTION bookings_everything_changed();
DROP FUNCTION bookings_diary_moved();
DROP FUNCTION bookings_diary_changed();
DROP TABLE bookings_diaryfloor;
DROP TABLE bookings_diarychange;
"""
# Whatever else a book holds: a change to any of these makes it old as a whole.
WHOLE = [
    "bookings_location",
    "bookings_openinghours",
    "bookings_closure",
    "bookings_workinghours",
    "bookings_absence",
    "bookings_practitioner_skills",
    "bookings_room_suits",
    "bookings_device_serves",
    "treatments_modality",
    "treatments_area",
    "treatments_offer",
]


def watched(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER diary_whole AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION bookings_everything_changed()",
        f"DROP TRIGGER diary_whole ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("bookings", "0002_truths")]

    operations = [migrations.RunSQL(TABLES, NO_TABLES), *map(watched, WHOLE)]
