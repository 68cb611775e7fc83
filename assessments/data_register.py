"""The register behind the data map: every table, its columns by grade, and what becomes of them.

A new column gets its word here; ``datamap`` refuses to draw the map without.
"""

from __future__ import annotations

from typing import Any

from assessments.data_django import DJANGOS_OWN
from assessments.data_grades import Table
from assessments.data_told import FORMS_AND_MESSAGES
from lawadvisor.foundation.roles import Thing

_PLACES: dict[str, Any] = {"seen": Thing.PLACES, "kept": "长期", "deleted": "不含个人信息，不删除"}
_ROSTER: dict[str, Any] = {
    "seen": Thing.ROSTER,
    "kept": "聘任结束后随业务档案保存",
    "deleted": "业务档案保存期内不删除；本人可要求更正",
}
_FIGURES: dict[str, Any] = {
    "seen": Thing.FIGURES,
    "kept": "长期，作为考核依据",
    "deleted": "已关账的结论不改不删；其中没有服务对象的信息",
}
_POLICY: dict[str, Any] = {"seen": Thing.POLICY, "kept": "长期", "deleted": "不含个人信息，不删除"}
_RECORDS: dict[str, Any] = {"kept": "随业务档案保存"}
_NO_CLIENT: dict[str, Any] = {**_RECORDS, "deleted": "业务档案保存期内不删除；不写服务对象"}
_FILED: dict[str, Any] = {"seen": Thing.FILINGS, **_NO_CLIENT, "own": True}
_INCIDENTS: dict[str, Any] = {
    "seen": Thing.INCIDENTS,
    "deleted": "业务档案保存期内不删除",
    **_RECORDS,
}
_FACTOR: dict[str, Any] = {
    "purpose": "登录的第二重验证",
    "kept": "启用期间",
    "deleted": "停用时删除",
    "seen": None,
}
_DEVICE: dict[str, Any] = {
    **_FACTOR,
    "personal": "user created_at last_used_at",
    "user": "user",
}

#: By the model's label.
TABLES: dict[str, Table] = {
    "foundation.AuditEntry": Table(
        purpose="证明谁在何时做了什么（网络安全法第21条）",
        seen=Thing.AUDIT,
        kept="不少于6个月，期限由设置延长",
        deleted="保存期内任何人不能改、不能删；不写入服务对象的姓名、电话和内容",
        plain="id at verb subject_type subject_id bureau_id",
        personal="actor_id actor_name address subject_label before after reason",
        user="actor_id",
    ),
    "foundation.Job": Table(
        purpose="后台任务",
        seen=Thing.JOBS,
        kept="长期",
        deleted="不含个人信息，不删除",
        plain="id kind key group payload state attempts last_error created_at rung_at finished_at",
    ),
    "foundation.ImportBatch": Table(
        purpose="导入文件的检查、写入和撤销",
        seen=Thing.UPLOADS,
        kept="批次长期；上传的文件和标注件只存30日，不在数据库内",
        deleted="文件到期自动删除；检查结果不写入服务对象的姓名、电话和内容",
        plain="id bureau_id kind checksum size state counts digest marked rounds"
        " created_at finished_at",
        personal="file_name findings fixes traces note undo_reason created_by_id created_by",
        user="created_by_id",
    ),
    "villages.Bureau": Table(purpose="行政区划", **_PLACES, plain="id code name kind"),
    "villages.Township": Table(
        purpose="行政区划", **_PLACES, plain="id bureau code name judicial_office"
    ),
    "villages.Village": Table(
        purpose="行政区划",
        **_PLACES,
        plain="id township code name kind terrain klass pinyin is_active",
    ),
    "accounts.User": Table(
        purpose="登录和记录操作人",
        seen=Thing.ACCOUNTS,
        kept="在岗期间；离岗后停用，留作操作日志的对照",
        deleted="停用，不删除；本人可要求更正",
        plain="id is_active is_demo must_change_password session_epoch",
        personal="username name date_joined last_login password_changed_at",
        encrypted="phone",
        credential="password",
        user="pk",
        own=True,
    ),
    "accounts.PastPassword": Table(
        purpose="不许再用最近的密码",
        seen=None,
        kept="最近5个",
        deleted="更换密码时自动删除更早的",
        plain="id",
        personal="user",
        credential="password",
        user="user",
    ),
    "accounts.ApiToken": Table(
        purpose="程序代本人使用接口",
        seen=None,
        kept="90天，或到本人停用、修改密码、退出所有设备",
        deleted="本人停用时删除",
        plain="id",
        personal="user name created_at expires_at used_at",
        credential="digest session_hash",
        user="user",
    ),
    "accounts.TryCount": Table(
        purpose="限制猜测密码的次数",
        seen=None,
        kept="2天后自动删除",
        deleted="登录名只留无法还原的摘要",
        plain="id tried_at rounds until changed_at",
        personal="key",
    ),
    "accounts.SignIn": Table(
        purpose="证明谁在何时从何处登录（网络安全法第21条）",
        seen=Thing.AUDIT,
        kept="不少于6个月，期限由设置延长",
        deleted="保存期内任何人不能改、不能删；期满自动删除",
        plain="id at outcome",
        personal="user_id name address agent",
        user="user_id",
    ),
    "otp_totp.TOTPDevice": Table(
        **_DEVICE,
        plain="id name confirmed throttling_failure_timestamp throttling_failure_count step t0"
        " digits tolerance drift last_t",
        credential="key",
    ),
    "otp_static.StaticDevice": Table(
        **_DEVICE,
        plain="id name confirmed throttling_failure_timestamp throttling_failure_count",
    ),
    "otp_static.StaticToken": Table(
        **_FACTOR, plain="id device", credential="token", user="device__user"
    ),
    "advisors.Post": Table(
        purpose="决定谁能看什么、做什么",
        seen=Thing.ACCOUNTS,
        kept="长期，任期结束即失效",
        deleted="不删除，留作操作日志的对照",
        plain="id bureau township village organisation area",
        personal="user role term",
        user="user",
    ),
    "advisors.Organisation": Table(
        purpose="顾问的来源单位", **_ROSTER, plain="id bureau name kind pinyin"
    ),
    "advisors.Advisor": Table(
        purpose="聘任和考核法律顾问",
        **_ROSTER,
        plain="id organisation",
        personal="user name pinyin category licence_no education practice_start is_volunteer",
        user="user",
        advisor="pk",
        own=True,
    ),
    "advisors.ServiceTeam": Table(
        purpose="几名顾问共同服务",
        **_ROSTER,
        plain="id organisation name",
        personal="lead",
        advisor="lead",
    ),
    "advisors.Appointment": Table(
        purpose="谁在何任期服务哪个村（社区）",
        **_ROSTER,
        plain="id village team slot slot_limit",
        personal="advisor term status suspended_from cap_exception end_reason",
        advisor="advisor",
        own=True,
    ),
    "advisors.Absence": Table(
        purpose="请假期间不考核",
        **_ROSTER,
        plain="id appointment",
        personal="days reason approved_by substitute",
        advisor="appointment__advisor",
        own=True,
    ),
    "advisors.Liaison": Table(
        purpose="联系村（社区）", **_ROSTER, plain="id village since until", encrypted="name phone"
    ),
    "worklogs.RemovedLog": Table(
        purpose="告知手机，撤销导入时收回了哪些记录",
        seen=None,
        kept="长期，只有编号",
        deleted="不删除",
        plain="id client_uuid change_no",
        personal="advisor",
        advisor="advisor",
    ),
    "worklogs.LiaisonLink": Table(
        purpose="联络员不用账号即可确认服务记录",
        seen=Thing.RECORDS,
        kept="长期，7天后即打不开",
        deleted="不删除；链接本身不保存，只留无法还原的摘要",
        plain="id liaison made_at expires_at revoked_at",
        personal="made_by",
        credential="token_hash",
        user="made_by",
    ),
    "worklogs.BureauLimit": Table(
        purpose="本局设定的时限", **_POLICY, plain="id bureau key amount"
    ),
    "worklogs.ServiceRequest": Table(
        purpose="村（社区）提出的服务请求及其答复和用时",
        seen=Thing.REQUESTS,
        **_RECORDS,
        deleted="业务档案保存期内不删除；不要求填写当事人",
        plain="id client_uuid village kind wanted_on raised_as raised_at due_on state answered_at"
        " log",
        personal="raised_by liaison advisor declined_reason",
        encrypted="text answer",
        user="raised_by",
        advisor="advisor",
    ),
    "worklogs.Incident": Table(
        purpose="重大事项及时报告和处置",
        **_INCIDENTS,
        plain="id client_uuid village kind level happened_at people submitted_at state",
        personal="advisor place entered_by",
        encrypted="facts",
        user="entered_by",
        advisor="advisor",
    ),
    "worklogs.IncidentNotice": Table(
        purpose="证明谁在何时签收重大事项报告",
        **_INCIDENTS,
        plain="id incident recipient due_at acknowledged_at",
        personal="acknowledged_by",
        user="acknowledged_by",
        advisor="incident__advisor",
    ),
    "worklogs.IncidentNote": Table(
        purpose="重大事项的法律意见和跟进",
        **_INCIDENTS,
        plain="id incident kind at",
        personal="by",
        encrypted="text",
        user="by",
        advisor="incident__advisor",
    ),
    "worklogs.ServiceLog": Table(
        purpose="证明服务的时间、地点和方式，作为考核依据",
        seen=Thing.RECORDS,
        **_NO_CLIENT,
        plain="id client_uuid appointment service_date started_at ended_at minutes mode purpose"
        " no_visitors state is_supplement version change_no entered_at",
        personal="advisor place returned_reason entered_by",
        advisor="advisor",
        own=True,
    ),
    "worklogs.Matter": Table(
        purpose="证明服务了谁、什么事，作为考核依据",
        seen=Thing.RECORDS,
        **_RECORDS,
        deleted="服务对象可要求删除：姓名、电话、内容改为“已删除”，特殊群体清空，事项类别和日期留作统计",
        plain="id log kind topic audience succeeded marks",
        personal="focus",
        encrypted="client phone",
        sealed="special_group content method result",
        advisor="log__advisor",
    ),
    "worklogs.Attachment": Table(
        purpose="证明服务的照片和材料；存入时去掉位置等附带信息",
        seen=Thing.CLIENTS,
        **_RECORDS,
        deleted="随事项删除文件，留下已有照片的记载",
        plain="id matter kind size media_type added_at",
        personal="checksum likeness",
        advisor="matter__log__advisor",
    ),
    "worklogs.Filing": Table(
        purpose="报告、会议、培训、检查等材料",
        **_FILED,
        plain="id kind bureau township village period_start period_end marks state filed_on",
        personal="advisor title body",
        advisor="advisor",
    ),
    "assessments.Policy": Table(
        purpose="考核依据",
        **_POLICY,
        plain="id bureau key title source effective_from checksum settings text",
    ),
    "assessments.Rule": Table(
        purpose="考核依据", **_POLICY, plain="id policy key title clause phrase definition position"
    ),
    "assessments.PolicyDraft": Table(
        purpose="起草政策",
        **_POLICY,
        plain="id bureau title text based_on changed_at",
        personal="changed_by",
        user="changed_by",
    ),
    "assessments.Waiver": Table(
        purpose="经批准不考核的事由",
        **_FIGURES,
        plain="id bureau rule_key subject_kind subject_id period_start",
        personal="reason approved_by",
    ),
    "assessments.MonthClose": Table(
        purpose="关账",
        **_FIGURES,
        plain="id bureau policy month revision reason planned opened_at closed_at halted_at"
        " left_at",
        personal="opened_by halted_by",
    ),
    "assessments.MonthDesk": Table(
        purpose="镇街月度情况的报送和接收",
        **_FIGURES,
        plain="id township month state reason submitted_at for_silent_office changed_at",
        personal="submitted_by changed_by",
    ),
    "assessments.MonthlyBook": Table(
        purpose="月末纸质工作日志的编号、签收和审核",
        **_FILED,
        plain="id filing number checksum records issued_at reviewed_at",
        personal="received_by outcome opinion reviewed_by",
        advisor="filing__advisor",
    ),
    "assessments.MonthlyCheck": Table(
        purpose="司法所每月核查",
        **_FILED,
        plain="id filing method records replied_at",
        personal="outcome finding advice checked_by reply",
        advisor="filing__advisor",
    ),
    "assessments.SpotDraw": Table(
        purpose="抽查谁、为什么、怎样随机抽取",
        seen=Thing.RECORDS,
        **_NO_CLIENT,
        plain="id township month seed size population drawn_at",
        personal="chosen drawn_by",
    ),
    "assessments.SpotCheck": Table(
        purpose="抽查的情况和顾问的答复",
        **_FILED,
        plain="id draw appointment method records checked_at replied_at",
        personal="outcome finding advice clues checked_by reply",
        advisor="appointment__advisor",
    ),
    "assessments.Reopening": Table(
        purpose="已关账月份的开锁",
        **_FIGURES,
        plain="id village month reason supplements_only opened_at expires_at",
        personal="opened_by",
    ),
    "assessments.Verdict": Table(
        purpose="达标结论及其依据",
        **_FIGURES,
        plain="id close rule subject_kind village team organisation township scope_township"
        " period_start period_end",
        personal="appointment advisor status required actual missing explanation",
        advisor="advisor|appointment__advisor",
        own=True,
    ),
    "assessments.DailyCheck": Table(
        purpose="提前提醒", **_FIGURES, plain="id bureau policy day counts", personal="findings"
    ),
    "assessments.GeneratedFile": Table(
        purpose="报表文件",
        **_FIGURES,
        plain="id close report township format version checksum size created_at",
    ),
    **FORMS_AND_MESSAGES,
    **DJANGOS_OWN,
}
