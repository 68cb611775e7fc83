import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Takes over the table of posts from accounts, then lets a post reach further."""

    dependencies = [
        ("accounts", "0002_rights_come_from_posts"),
        ("advisors", "0002_education_teams_absences"),
        ("villages", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Post",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("system_admin", "系统管理员"),
                                    ("bureau", "司法局工作人员"),
                                    ("judicial_office", "司法所"),
                                    ("township", "镇街"),
                                ],
                                max_length=20,
                                verbose_name="角色",
                            ),
                        ),
                        (
                            "term",
                            django.contrib.postgres.fields.ranges.DateRangeField(
                                verbose_name="任期"
                            ),
                        ),
                        (
                            "bureau",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="villages.bureau",
                                verbose_name="司法局",
                            ),
                        ),
                        (
                            "township",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="villages.township",
                                verbose_name="镇街",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="posts",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "岗位",
                        "verbose_name_plural": "岗位",
                        "ordering": ("user", "id"),
                    },
                ),
                migrations.AddConstraint(
                    model_name="post",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("bureau__isnull", True),
                                ("role", "system_admin"),
                                ("township__isnull", True),
                            ),
                            models.Q(
                                ("bureau__isnull", False),
                                ("role", "bureau"),
                                ("township__isnull", True),
                            ),
                            models.Q(
                                ("bureau__isnull", True),
                                ("role__in", ("judicial_office", "township")),
                                ("township__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="post_place_fits_role",
                        violation_error_message="司法局岗位须选司法局，司法所和镇街岗位须选镇街。",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="post",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("term__isempty", False), ("term__startswith__isnull", False)
                        ),
                        name="post_term_starts",
                        violation_error_message="任期须有起始日，且止日在起始日之后。",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="post",
                    constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("user", "="),
                            ("role", "="),
                            (django.db.models.functions.comparison.Coalesce("bureau", 0), "="),
                            (django.db.models.functions.comparison.Coalesce("township", 0), "="),
                            ("term", "&&"),
                        ],
                        name="post_same_desk_once",
                        violation_error_message="该用户在此任期内已有同一岗位。",
                    ),
                ),
            ],
        ),
    ]
