"""Migration operations: audited tables and append-only tables, kept by triggers."""

from collections.abc import Sequence

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION audit_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
  after  jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
  changed text[];
BEGIN
  SELECT coalesce(array_agg(key ORDER BY key), '{}') INTO changed
    FROM (SELECT key FROM jsonb_each(before || after) WHERE before -> key IS DISTINCT FROM after -> key) names(key);
  IF TG_OP = 'UPDATE' AND changed = '{}' THEN RETURN NULL; END IF;
  INSERT INTO audit_entry (at, actor, action, subject, fields, detail, purpose) VALUES (
    clock_timestamp(),
    coalesce(nullif(current_setting('needlepoint.actor', true), ''), 'system'),
    'row.' || lower(TG_OP),
    TG_TABLE_NAME || ':' || coalesce(after ->> TG_ARGV[0], before ->> TG_ARGV[0]),
    changed, '{}'::jsonb, coalesce(current_setting('needlepoint.maintenance', true), ''));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sealed text[] := TG_ARGV::text[];
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('needlepoint.maintenance', true) = 'key-rotation'
     AND to_jsonb(NEW) - sealed = to_jsonb(OLD) - sealed THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""
DROP_FUNCTIONS = "DROP FUNCTION IF EXISTS audit_row_change(); DROP FUNCTION IF EXISTS refuse_change();"


def functions() -> migrations.RunSQL:
    return migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS)


def audited(table: str, *, key: str = "id") -> migrations.RunSQL:
    """Every insert, update and delete of the table writes an audit row with the changed columns' names.

    Migrations that use it depend on ``("audit", "0001_initial")``.
    """
    return migrations.RunSQL(
        f"CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION audit_row_change('{key}')",
        f"DROP TRIGGER audited ON {table}",
    )


def append_only(table: str, *, sealed: Sequence[str] = (), erasable: bool = False) -> migrations.RunSQL:
    """The database refuses UPDATE and DELETE; key rotation may re-seal the ``sealed`` columns only.

    Rows of an ``erasable`` table may be deleted with the person they speak of, inside ``erasing()``.
    """
    names = ", ".join(f"'{name}'" for name in sealed)
    unless = "WHEN (current_setting('needlepoint.maintenance', true) IS DISTINCT FROM 'erasure') " if erasable else ""
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change({names});"
        f"CREATE TRIGGER append_only_delete BEFORE DELETE ON {table} "
        f"FOR EACH ROW {unless}EXECUTE FUNCTION refuse_change();",
        f"DROP TRIGGER append_only_delete ON {table}; DROP TRIGGER append_only ON {table};",
    )
