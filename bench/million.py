"""A chain of clinics with years behind it: one believable week, repeated by PostgreSQL for every place and week."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice, product

from django.core.management import call_command
from django.db import connection, models

from bench import data
from bookings.models import Allocation, Appointment, AppointmentArea, Resource
from clinic.audit.models import Entry
from clinic.crypto.search import blind_index, phone_windows
from clinic.messaging.models import Message
from clinic.people.models import Link, Patient
from clinic.people.names import fold
from consultations.models import QuestionnaireVersion, Submission

WEEK = timedelta(days=7)
AHEAD = 13  # weeks that lie ahead; all others are behind
A_DAY = 64
PEOPLE = 6000  # of each location
FIRST = "Elif Ayşe Zeynep Fatma Emine Hatice Merve Deniz Selin Derya Ahmet Mehmet Mustafa Can Emre Burak Lena Sofía Aisha Nour"
LAST = "Yılmaz Kaya Demir Şahin Çelik Yıldız Öztürk Aydın Arslan Doğan Kılıç Aslan Çetin Kara Koç Kurt Özdemir Şimşek Polat Güneş"
# What a past and what a coming visit has come to, by a number from 0 to 99.
STATE = """CASE WHEN m.behind THEN CASE WHEN m.dice < 88 THEN 'done' WHEN m.dice < 96 THEN 'cancelled'
                                        WHEN m.dice < 98 THEN 'no_show' ELSE 'lapsed' END
                ELSE CASE WHEN m.dice < 92 THEN 'confirmed' WHEN m.dice < 96 THEN 'cancelled'
                          WHEN m.dice < 98 THEN 'reserved' ELSE 'pending_review' END END"""
LOADED = (Appointment, Allocation, AppointmentArea, Link, Message, Entry, Submission)


def build(size: int, *, locations: int = 10, say=print) -> None:
    """About `size` appointments with all that hangs on them. Triggers are off while it loads, constraints made after."""
    places = [data.make_clinic("Moda")] + [data.make_clinic(f"Moda{n}", first=False) for n in range(2, locations + 1)]
    filler = data.Filler(places[0], people=1000)
    monday = date.today() - timedelta(days=date.today().weekday())
    weeks = max(-(-size // (A_DAY * 6 * locations)), AHEAD + 1)
    earliest = monday + WEEK * (AHEAD - weeks)
    filler.fill(earliest - WEEK, A_DAY * 6, a_day=A_DAY)
    with connection.cursor() as cursor:
        run = Runner(cursor, say)
        people(places)
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        plan(run, places, weeks)
        with unwatched(run):
            spread(run)
        cursor.execute("INSERT INTO bookings_diarychange (resource_id) VALUES (NULL)")
        run("statistics", "VACUUM ANALYZE")


@contextmanager
def unwatched(run: "Runner") -> Iterator[None]:
    """No triggers, foreign keys or further indexes on what is loaded; all are made again, and so checked, at the end."""
    tables = [one._meta.db_table for one in LOADED]
    for table in tables:
        run.cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    run.cursor.execute(
        """
        SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
               format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
          FROM pg_constraint WHERE conrelid = ANY (%s::regclass[]) AND contype IN ('u', 'x', 'f')
         ORDER BY contype = 'f', contype = 'x'
        """,
        [tables],
    )
    constraints = run.cursor.fetchall()
    run.cursor.execute(
        """
        SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
          FROM pg_index WHERE indrelid = ANY (%s::regclass[])
           AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
        """,
        [tables],
    )
    indexes = run.cursor.fetchall()
    for drop, _ in constraints[::-1] + indexes:
        run.cursor.execute(drop)
    yield
    begun = time.perf_counter()
    for _, make in indexes + constraints:
        run.cursor.execute(make)
    made = f"{len(indexes)} indexes, {len(constraints)} constraints"
    run.say(f"  {made}: {time.perf_counter() - begun:.0f} s", flush=True)
    for table in tables:
        run.cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


class Runner:
    """Runs a statement and says how long it took."""

    def __init__(self, cursor, say) -> None:
        self.cursor, self.say = cursor, say

    def __call__(self, name: str, sql: str | None, params: list | None = None) -> None:
        begun = time.perf_counter()
        if sql:
            self.cursor.execute(sql, params)
        self.say(f"  {name}: {max(self.cursor.rowcount, 0):,} rows, {time.perf_counter() - begun:.0f} s", flush=True)

    def copy(self, model: type[models.Model], source: str, **given: str) -> None:
        """Rows of a table made from its rows `t` by this FROM; `given` are the columns that differ."""
        names = [one.column for one in model._meta.local_concrete_fields if one.column in given or one.column != "id"]
        columns = ", ".join(f'"{one}"' for one in names)
        values = ", ".join(given.get(one, f't."{one}"') for one in names)
        table = model._meta.db_table
        self(table, f"INSERT INTO {table} ({columns}) SELECT {values} FROM {source}")  # noqa: S608 - our own text


def people(places: list) -> None:
    names = [f"{first} {last}" for first, last in product(FIRST.split(), LAST.split())]
    for place in range(len(places)):
        made = []
        for n in range(PEOPLE):
            name, phone = f"{names[n % len(names)]} {place}{n // len(names):02}", f"+90533{place * PEOPLE + n:07}"
            folded, index = fold(name), blind_index("phone", phone)
            kept = {"name_search": folded, "phone_index": index, "phone_windows": phone_windows(phone)}
            made.append(Patient(id=uuid.uuid4(), name=name, phone=phone, **kept))
        Patient.objects.bulk_create(made, batch_size=2000)
        Resource.objects.bulk_create([Resource(kind="patient", patient=one) for one in made], batch_size=2000)


def plan(run: Runner, places: list, weeks: int) -> None:
    """`made`: every visit to come about, with its template, its place, its shift in time and its person."""
    run("same", "CREATE TEMP TABLE same (place bigint, resource_id bigint, other_id bigint)")
    for place in places:
        run.cursor.execute(
            "INSERT INTO same SELECT %s, r.id, o.id FROM bookings_resource r JOIN bookings_resource o ON o.name = r.name "
            "WHERE r.location_id = %s AND o.location_id = %s",
            [place.pk, places[0].pk, place.pk],
        )
    run.cursor.execute("CREATE TEMP TABLE template AS SELECT *, row_number() OVER (ORDER BY starts_at) - 1 AS n "
                       "FROM bookings_appointment")  # fmt: skip
    run.cursor.execute(
        "CREATE TEMP TABLE person AS SELECT id AS resource_id, patient_id, row_number() OVER (ORDER BY id) - 1 AS n "
        "FROM bookings_resource WHERE kind = 'patient' AND name = '' AND id > (SELECT max(resource_id) FROM bookings_allocation)"
    )
    run.cursor.execute("CREATE UNIQUE INDEX ON person (n)")
    run(
        "visits",
        """
        CREATE TEMP TABLE made AS
        SELECT gen_random_uuid() AS id, t.id AS template, p.place, w.week, w.shift, q.patient_id, q.resource_id AS patient_resource,
               t.starts_at + w.shift < %(now)s AS behind, (hashint8(t.n * 7919 + w.week * 104729 + p.place) & 1023) * 100 / 1024 AS dice,
               row_number() OVER (ORDER BY w.week, p.place, t.n) AS number
          FROM template t
         CROSS JOIN (SELECT s AS week, (s + 1) * interval '7 days' AS shift FROM generate_series(0, %(weeks)s - 1) s) w
         CROSS JOIN (SELECT place, row_number() OVER (ORDER BY place) - 1 AS turn FROM (SELECT DISTINCT place FROM same) x) p
          JOIN person q ON q.n = p.turn * %(people)s + (w.week * 397 + t.n * 13) %% %(people)s
         ORDER BY w.week, p.place, t.n
        """,
        {"weeks": weeks, "people": PEOPLE, "now": datetime.now(data.ZONE)},
    )
    run("its statistics", "CREATE UNIQUE INDEX ON made (id); CREATE INDEX ON made (template); ANALYZE made")


def spread(run: Runner) -> None:
    active = f"({STATE}) NOT IN ('cancelled', 'lapsed')"
    joined = "made m JOIN template t ON t.id = m.template"
    other = "(SELECT other_id FROM same s WHERE s.place = m.place AND s.resource_id = t.{})"
    times = {one: f"t.{one} + m.shift" for one in ("starts_at", "treatment_starts_at", "treatment_ends_at", "ends_at")}
    run.copy(
        Appointment,
        f"{joined} ORDER BY m.number",
        id="m.id",
        reference="'N' || lpad(to_hex(m.number), 8, '0')",
        state=STATE,
        clearance=f"CASE ({STATE}) WHEN 'reserved' THEN 'unknown' WHEN 'pending_review' THEN 'review' ELSE 'cleared' END",
        cancelled_reason=f"CASE ({STATE}) WHEN 'cancelled' THEN 'patient' ELSE '' END",
        form_due_at=f"CASE ({STATE}) WHEN 'reserved' THEN t.starts_at + m.shift END",
        review_due_at=f"CASE ({STATE}) WHEN 'pending_review' THEN t.starts_at + m.shift - interval '2 hours' END",
        finished_at=f"CASE ({STATE}) WHEN 'done' THEN t.ends_at + m.shift END",
        patient_id="m.patient_id",
        location_id="m.place",
        **{f"{one}_id": other.format(f"{one}_id") for one in ("practitioner", "room", "device")},
        **times,
        created_at="least(t.starts_at + m.shift - interval '9 days', now())",
        state_since="least(t.starts_at + m.shift - interval '8 days', now())",
    )
    run.copy(
        Allocation,
        "made m JOIN bookings_allocation t ON t.appointment_id = m.template JOIN bookings_resource r ON r.id = t.resource_id "
        "LEFT JOIN same s ON s.place = m.place AND s.resource_id = t.resource_id ORDER BY m.number",
        appointment_id="m.id",
        resource_id="CASE r.kind WHEN 'patient' THEN m.patient_resource ELSE s.other_id END",
        during="tstzrange(lower(t.during) + m.shift, upper(t.during) + m.shift)",
        active=active,
    )
    run.copy(
        AppointmentArea,
        "made m JOIN bookings_appointmentarea t ON t.appointment_id = m.template ORDER BY m.number",
        appointment_id="m.id",
    )
    link = Link.objects.create(token_hash="x", purpose="manage", subject="none", expires_at=datetime.now(data.ZONE))
    run.copy(
        Link,
        f"made m JOIN template a ON a.id = m.template JOIN people_link t ON t.id = '{link.pk}' ORDER BY m.number",
        id="gen_random_uuid()",
        token_hash="encode(sha256(m.id::text::bytea), 'hex')",
        subject="'appointment:' || m.id",
        expires_at="a.ends_at + m.shift + interval '1 day'",
    )
    messages(run)
    run(
        "audit_entry",
        """INSERT INTO audit_entry (at, actor, action, subject)
        SELECT a.starts_at + m.shift - interval '9 days' + k * interval '1 minute', 'system',
               (ARRAY['row.insert', 'appointment.hold', 'appointment.reserve', 'appointment.confirm'])[k],
               CASE k WHEN 1 THEN 'bookings_appointment:' ELSE 'appointment:' END || m.id
          FROM made m JOIN template a ON a.id = m.template CROSS JOIN generate_series(1, 4) k ORDER BY m.number""",
    )
    call_command("load_questionnaire", verbosity=0)
    submissions(run, QuestionnaireVersion.objects.current())


def messages(run: Runner) -> None:
    """Two for each visit: it was booked, and a reminder the day before."""
    now = datetime.now(data.ZONE)
    state = "CASE WHEN k = 1 OR m.behind THEN 'delivered' WHEN m.dice < 92 THEN 'pending' ELSE 'cancelled' END"
    person = Patient.objects.order_by("-created_at").first()
    template = Message.objects.create(
        dedupe_key="none", patient=person, ref="none", kind="confirmation", channel="whatsapp", address="+905320000000",
        language="en", facts={"name": "Elif", "when": "Monday 1 March 10:00"}, body="Your visit is booked. " * 12,
        due_at=now, not_after=now, state="cancelled",
    )  # fmt: skip
    due = "a.starts_at + m.shift - CASE k WHEN 1 THEN interval '9 days' ELSE interval '1 day' END"
    run.copy(
        Message,
        f"made m JOIN template a ON a.id = m.template CROSS JOIN generate_series(1, 2) k "
        f"JOIN messaging_message t ON t.id = '{template.pk}' ORDER BY m.number",
        id="gen_random_uuid()",
        dedupe_key="'appointment:' || m.id || ':v1:' || (ARRAY['booked', 'reminder'])[k]",
        patient_id="m.patient_id",
        ref="'appointment:' || m.id",
        kind="(ARRAY['confirmation', 'reminder'])[k]",
        state=state,
        due_at=due,
        not_after="a.starts_at + m.shift",
        created_at=f"least({due}, now())",
        updated_at=f"least({due}, now())",
        provider_id=f"CASE WHEN ({state}) = 'delivered' THEN 'SM' || m.number || '-' || k END",
        address_index="left(md5(m.patient_id::text), 32)",
    )


def submissions(run: Runner, version: QuestionnaireVersion) -> None:
    """One form for each visit that is not merely reserved."""
    one = next(islice(Appointment.objects.filter(patient__isnull=False), 1))
    template = Submission.objects.create(
        appointment=one, patient=one.patient, number=1, questionnaire=version, modality="consult", areas=["face"],
        language="en", answers={"pregnant": "no"}, as_asked=[], findings=[], outcome="ok", submitted_by="patient",
        submitted_at=one.created_at,
    )  # fmt: skip
    run.copy(
        Submission,
        f"made m JOIN consultations_submission t ON t.id = '{template.pk}' "
        f"WHERE m.behind OR ({STATE}) <> 'reserved' ORDER BY m.number",
        id="gen_random_uuid()",
        appointment_id="m.id",
        patient_id="m.patient_id",
        outcome=f"CASE ({STATE}) WHEN 'pending_review' THEN 'review' ELSE 'ok' END",
    )
