"""Courses, and which session of which course an appointment is."""


import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0004_phases'),
        ('people', '0001_initial'),
        ('treatments', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='session',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('sessions', models.PositiveSmallIntegerField()),
                ('spacing_min', models.PositiveSmallIntegerField()),
                ('spacing_max', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('areas', models.ManyToManyField(related_name='courses', to='treatments.area')),
                ('modality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='courses', to='treatments.modality')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='courses', to='people.patient')),
            ],
        ),
        migrations.AddField(
            model_name='appointment',
            name='course',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='bookings.course'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('course__isnull', True), ('session__isnull', True)), models.Q(('course__isnull', False), ('session__gte', 1), ('session__isnull', False)), _connector='OR'), name='appointment_session_of_a_course'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['arrived', 'confirmed', 'done', 'held', 'in_treatment', 'no_show', 'pending_review', 'reserved'])), fields=('course', 'session'), name='course_session_once'),
        ),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.CheckConstraint(condition=models.Q(('sessions__gte', 1)), name='course_has_sessions'),
        ),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.CheckConstraint(condition=models.Q(('spacing_min__gte', 1), ('spacing_max__gte', models.F('spacing_min'))), name='course_spacing_in_order'),
        ),
    ]
