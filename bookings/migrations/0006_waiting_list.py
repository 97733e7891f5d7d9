"""The waiting list. An entry is `offered` exactly while one offer is open, and whoever is off the list stays off."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models

from clinic.audit.triggers import audited

# Checked at commit: state and offers are written one after the other.
OFFERED = """
CREATE FUNCTION bookings_check_offered(entry uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE now_in text;
BEGIN
  SELECT state INTO now_in FROM bookings_waitingentry WHERE id = entry;
  IF FOUND AND (now_in = 'offered') <> EXISTS (
      SELECT 1 FROM bookings_waitingoffer WHERE entry_id = entry AND answer = '') THEN
    RAISE EXCEPTION 'waiting entry % (%) and its offers disagree', entry, now_in
      USING ERRCODE = 'check_violation', CONSTRAINT = 'waiting_offered_is_open';
  END IF;
END $$;

CREATE FUNCTION bookings_entry_offered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM bookings_check_offered(NEW.id); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER waiting_offered AFTER INSERT OR UPDATE OF state ON bookings_waitingentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_entry_offered();

CREATE FUNCTION bookings_offer_offered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM bookings_check_offered(coalesce(NEW.entry_id, OLD.entry_id)); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER offer_offered AFTER INSERT OR UPDATE OR DELETE ON bookings_waitingoffer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_offer_offered();

CREATE FUNCTION bookings_waiting_is_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'waiting entry % is off the list', OLD.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'waiting_over_is_over';
END $$;
CREATE TRIGGER waiting_over BEFORE UPDATE OF state ON bookings_waitingentry
  FOR EACH ROW WHEN (OLD.state NOT IN ('waiting', 'offered') AND NEW.state <> OLD.state)
  EXECUTE FUNCTION bookings_waiting_is_over();
"""
NOT_OFFERED = """
DROP TRIGGER waiting_over ON bookings_waitingentry;
DROP FUNCTION bookings_waiting_is_over();
DROP TRIGGER offer_offered ON bookings_waitingoffer;
DROP FUNCTION bookings_offer_offered();
DROP TRIGGER waiting_offered ON bookings_waitingentry;
DROP FUNCTION bookings_entry_offered();
DROP FUNCTION bookings_check_offered(uuid);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0005_courses'),
        ('people', '0001_initial'),
        ('treatments', '0001_initial'),
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='location',
            name='offers_freed_times',
            field=models.BooleanField(default=True, verbose_name='offer freed times to the waiting list'),
        ),
        migrations.AlterField(
            model_name='appointment',
            name='source',
            field=models.CharField(choices=[('online', 'Online'), ('desk', 'Front desk'), ('phone', 'Phone'), ('waiting', 'Waiting list')], default='online', max_length=8),
        ),
        migrations.CreateModel(
            name='WaitingEntry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('offered', 'A time is offered'), ('booked', 'Has a time'), ('left', 'Left the list'), ('expired', 'Their days are over')], default='waiting', max_length=8)),
                ('consult', models.BooleanField(default=False)),
                ('gender', models.CharField(blank=True, choices=[('woman', 'Woman'), ('man', 'Man'), ('other', 'Other')], max_length=8)),
                ('first_day', models.DateField(verbose_name='from')),
                ('last_day', models.DateField(verbose_name='to')),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=9), size=None, verbose_name='parts of the day')),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=list, size=None, verbose_name='weekdays')),
                ('clearance', models.CharField(choices=[('unknown', 'Not asked yet'), ('cleared', 'Cleared'), ('caution', 'Cleared with cautions'), ('approved', 'Approved by a practitioner'), ('review', 'Being checked by a practitioner'), ('deferred', 'Not before a date'), ('declined', 'Call back')], default='unknown', max_length=12)),
                ('bookable_from', models.DateField(null=True)),
                ('language', models.CharField(default='en', max_length=8)),
                ('source', models.CharField(choices=[('online', 'Online'), ('desk', 'Front desk'), ('phone', 'Phone'), ('waiting', 'Waiting list')], default='online', max_length=8)),
                ('agreed_at', models.DateTimeField()),
                ('unanswered', models.PositiveSmallIntegerField(default=0)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('areas', models.ManyToManyField(related_name='+', to='treatments.area')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.location')),
                ('modality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treatments.modality')),
                ('patient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='people.patient')),
                ('practitioner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.resource')),
            ],
        ),
        migrations.CreateModel(
            name='WaitingOffer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.DateTimeField(db_column='starts_at')),
                ('until', models.DateTimeField()),
                ('made_at', models.DateTimeField()),
                ('by_hand', models.BooleanField(default=False)),
                ('answer', models.CharField(blank=True, choices=[('', 'No answer yet'), ('taken', 'Taken'), ('declined', 'Not this one'), ('unanswered', 'No answer in time'), ('withdrawn', 'Taken back')], default='', max_length=10)),
                ('answered_at', models.DateTimeField(null=True)),
                ('appointment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='offer', to='bookings.appointment')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='bookings.waitingentry')),
            ],
        ),
        migrations.AddIndex(
            model_name='waitingentry',
            index=models.Index(condition=models.Q(('state__in', ['offered', 'waiting'])), fields=['since', 'id'], name='waiting_in_line'),
        ),
        migrations.AddConstraint(
            model_name='waitingentry',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'offered', 'booked', 'left', 'expired'])), name='waiting_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='waitingentry',
            constraint=models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='waiting_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='waitingentry',
            constraint=models.CheckConstraint(condition=models.Q(('parts__contained_by', ['morning', 'afternoon', 'evening']), ('parts__len__gt', 0)), name='waiting_parts_are_known'),
        ),
        migrations.AddConstraint(
            model_name='waitingentry',
            constraint=models.CheckConstraint(condition=models.Q(('weekdays__contained_by', [0, 1, 2, 3, 4, 5, 6])), name='waiting_weekdays'),
        ),
        migrations.AddConstraint(
            model_name='waitingentry',
            constraint=models.CheckConstraint(condition=models.Q(('practitioner', None), ('gender', ''), _connector='OR'), name='waiting_one_wish_for_whom'),
        ),
        migrations.AddConstraint(
            model_name='waitingentry',
            constraint=models.CheckConstraint(condition=models.Q(('clearance__in', ['declined', 'deferred']), _negated=True), name='waiting_nobody_declined'),
        ),
        migrations.AddConstraint(
            model_name='waitingentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('patient__isnull', False), ('state__in', ['offered', 'waiting'])), models.Q(models.Q(('state__in', ['offered', 'waiting']), _negated=True), ('ended_at__isnull', False), ('patient', None)), _connector='OR'), name='waiting_names_only_who_waits'),
        ),
        migrations.AddConstraint(
            model_name='waitingentry',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['offered', 'waiting'])), fields=('patient', 'modality'), name='waiting_once_per_treatment'),
        ),
        migrations.AddIndex(
            model_name='waitingoffer',
            index=models.Index(condition=models.Q(('answer', '')), fields=['until'], name='offer_open'),
        ),
        migrations.AddConstraint(
            model_name='waitingoffer',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['', 'taken', 'declined', 'unanswered', 'withdrawn'])), name='offer_answer_is_known'),
        ),
        migrations.AddConstraint(
            model_name='waitingoffer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='offer_answered_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='waitingoffer',
            constraint=models.UniqueConstraint(condition=models.Q(('answer', '')), fields=('entry',), name='offer_one_at_a_time'),
        ),
        migrations.RunSQL(OFFERED, NOT_OFFERED),
        audited("bookings_waitingentry"),
    ]
