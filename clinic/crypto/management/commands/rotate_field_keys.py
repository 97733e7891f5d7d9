"""Seals every encrypted field, and every file that was registered, again under the current (first) key of FIELD_KEYS."""

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction

from clinic.crypto.fields import EncryptedField
from clinic.crypto.keyring import Keyring, keyring
from clinic.crypto.resealing import seal_others_again


class Command(BaseCommand):
    help = (
        "Put the new key first in FIELD_KEYS, keep the old one behind it, restart, then run this. It can be "
        "stopped and run again; readers see no error meanwhile. Remove the old key when it reports 0 left."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--batch", type=int, default=200, help="rows per transaction")

    def handle(self, *, batch: int, **options) -> None:
        total = 0
        for model in apps.get_models():
            fields = [field for field in model._meta.local_fields if isinstance(field, EncryptedField)]
            if fields and not model._meta.proxy:
                done = self.rotate(model, fields, batch)
                total += done
                self.stdout.write(f"{model._meta.label}: {done} rows sealed again")
        for name, done in seal_others_again().items():
            self.stdout.write(f"{name}: {done} files sealed again")
        self.stdout.write(f"{total} rows in all; 0 left under an older key")

    def rotate(self, model: type[models.Model], fields: list[EncryptedField], batch: int) -> int:
        """Walks the table by primary key; the conditional update leaves a row alone that changed meanwhile."""
        ring, last, done = keyring(), None, 0
        names = [field.attname for field in fields]
        while True:
            rows = model._base_manager.order_by("pk")
            page = list((rows.filter(pk__gt=last) if last else rows).only("pk", *names)[:batch])
            if not page:
                return done
            last = page[-1].pk
            with transaction.atomic():
                for row in page:
                    changed = [self.reseal(row, field, ring) for field in fields]
                    done += any(changed)

    def reseal(self, row: models.Model, field: EncryptedField, ring: Keyring) -> bool:
        sealed = row.__dict__.get(field.attname)
        if sealed is None or Keyring.key_of(sealed) == ring.current:
            return False
        place = field.place(row)
        fresh = ring.seal(ring.open(bytes(sealed), place), place)
        quote = connection.ops.quote_name
        table, column, pk = quote(row._meta.db_table), quote(field.column), quote(row._meta.pk.column)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('needlepoint.maintenance', 'key-rotation', true)")
            cursor.execute(
                f"UPDATE {table} SET {column} = %s WHERE {pk} = %s AND {column} = %s",  # noqa: S608
                [fresh, row.pk, bytes(sealed)],
            )
            return cursor.rowcount == 1
