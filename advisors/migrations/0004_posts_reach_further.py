import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("advisors", "0003_posts"),
        ("villages", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="post",
            name="post_place_fits_role",
        ),
        migrations.RemoveConstraint(
            model_name="post",
            name="post_same_desk_once",
        ),
        migrations.AddField(
            model_name="post",
            name="area",
            field=models.CharField(
                blank=True, default="", max_length=4, verbose_name="区划代码前几位"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="posts",
                to="advisors.organisation",
                verbose_name="机构",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="village",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="villages.village",
                verbose_name="村（社区）",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="role",
            field=models.CharField(
                choices=[
                    ("system_admin", "系统管理员"),
                    ("bureau", "司法局工作人员"),
                    ("finance", "司法局经费人员"),
                    ("mediation", "司法局调解工作人员"),
                    ("auditor", "财政、审计人员"),
                    ("judicial_office", "司法所"),
                    ("township", "镇街"),
                    ("liaison", "村（社区）联络员"),
                    ("mediator", "人民调解员"),
                    ("organisation", "律师事务所、法律服务所"),
                    ("bar_association", "律师协会"),
                    ("higher_organ", "上级机关"),
                ],
                max_length=20,
                verbose_name="角色",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("role__in", ["system_admin"]),
                        ("area", ""),
                        ("bureau__isnull", True),
                        ("township__isnull", True),
                        ("village__isnull", True),
                        ("organisation__isnull", True),
                    ),
                    models.Q(
                        ("role__in", ["bar_association", "higher_organ"]),
                        models.Q(("area", ""), _negated=True),
                        ("bureau__isnull", True),
                        ("township__isnull", True),
                        ("village__isnull", True),
                        ("organisation__isnull", True),
                    ),
                    models.Q(
                        ("role__in", ["bureau", "finance", "mediation", "auditor"]),
                        ("area", ""),
                        models.Q(("bureau__isnull", True), _negated=True),
                        ("township__isnull", True),
                        ("village__isnull", True),
                        ("organisation__isnull", True),
                    ),
                    models.Q(
                        ("role__in", ["judicial_office", "township"]),
                        ("area", ""),
                        ("bureau__isnull", True),
                        models.Q(("township__isnull", True), _negated=True),
                        ("village__isnull", True),
                        ("organisation__isnull", True),
                    ),
                    models.Q(
                        ("role__in", ["liaison", "mediator"]),
                        ("area", ""),
                        ("bureau__isnull", True),
                        ("township__isnull", True),
                        models.Q(("village__isnull", True), _negated=True),
                        ("organisation__isnull", True),
                    ),
                    models.Q(
                        ("role__in", ["organisation"]),
                        ("area", ""),
                        ("bureau__isnull", True),
                        ("township__isnull", True),
                        ("village__isnull", True),
                        models.Q(("organisation__isnull", True), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="post_place_fits_role",
                violation_error_message="岗位的单位应与角色相符：司法局的岗位选司法局，司法所和镇街的选镇街，村（社区）的选村（社区），机构的选机构，市级以上的填区划代码前几位。",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("area", ""), ("area__regex", "^[0-9]{2}([0-9]{2})?$"), _connector="OR"
                ),
                name="post_area_digits",
                violation_error_message="区划代码前几位应为2位（省）或4位（市）数字。",
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
                    (django.db.models.functions.comparison.Coalesce("village", 0), "="),
                    (django.db.models.functions.comparison.Coalesce("organisation", 0), "="),
                    ("area", "="),
                    ("term", "&&"),
                ],
                name="post_same_desk_once",
                violation_error_message="该用户在此任期内已有同一岗位。",
            ),
        ),
    ]
