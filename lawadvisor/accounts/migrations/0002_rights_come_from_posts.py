from django.db import migrations


class Migration(migrations.Migration):
    """Posts move to the floor that knows all they join; the flags that gave rights go."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RemoveField(model_name="user", name="groups"),
        migrations.RemoveField(model_name="user", name="is_staff"),
        migrations.RemoveField(model_name="user", name="is_superuser"),
        migrations.RemoveField(model_name="user", name="user_permissions"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("Post", "advisors_post")],
            state_operations=[migrations.DeleteModel("Post")],
        ),
    ]
