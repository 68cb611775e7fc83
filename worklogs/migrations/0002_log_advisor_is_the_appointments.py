from django.db import migrations


class Migration(migrations.Migration):
    """A log repeats its appointment's advisor; the database keeps the two equal."""

    dependencies = [("worklogs", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=(
                "ALTER TABLE worklogs_servicelog"
                " ADD CONSTRAINT log_advisor_is_the_appointments"
                " FOREIGN KEY (appointment_id, advisor_id)"
                " REFERENCES advisors_appointment (id, advisor_id)"
                " DEFERRABLE INITIALLY DEFERRED"
            ),
            reverse_sql=(
                "ALTER TABLE worklogs_servicelog DROP CONSTRAINT log_advisor_is_the_appointments"
            ),
        )
    ]
