"""The 操作日志 in Chinese: what each verb and each recorded field is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.apps import apps

#: Every verb that is written, by what it is done to. A test reads the code for them.
VERBS: dict[str, str] = {
    "organisation.create": "登记机构",
    "organisation.edit": "修改机构",
    "advisor.create": "登记法律顾问",
    "advisor.edit": "修改法律顾问",
    "advisor.move": "变更所属机构",
    "team.create": "建立服务团队",
    "team.edit": "修改服务团队",
    "appointment.open": "聘任",
    "appointment.end": "结束聘任",
    "appointment.suspend": "暂停聘任",
    "appointment.team": "编入服务团队",
    "absence.record": "登记请假",
    "village.edit": "修改村（社区）",
    "villages.import": "导入区划",
    "log.submit": "提交服务记录",
    "log.draft": "退为草稿",
    "log.submitted": "提交服务记录",
    "log.confirmed": "确认服务记录",
    "log.returned": "退回服务记录",
    "log.reviewed": "核验服务记录",
    "log.revise": "修改服务记录",
    "log.withdrawn": "撤回服务记录",
    "zero.file": "零申报",
    "zero.withdraw": "撤回零申报",
    "token.give": "发放接口令牌",
    "token.revoke": "停用接口令牌",
    "matter.unseal": "查看封存内容",
    "liaison.name": "登记联络员",
    "liaison.edit": "修改联络员电话",
    "liaison.end": "结束联络员任期",
    "link.make": "发出联络员链接",
    "link.renew": "延长联络员链接",
    "link.revoke": "收回联络员链接",
    "link.open": "打开联络员链接",
    "link.answer": "联络员答复服务记录",
    "request.raise": "提出服务请求",
    "request.open": "再次提出服务请求",
    "request.accepted": "受理服务请求",
    "request.answered": "答复服务请求",
    "request.declined": "说明服务请求不能办理",
    "request.closed": "办结服务请求",
    "limit.set": "设定时限",
    "incident.report": "报告重大事项",
    "incident.acknowledge": "签收重大事项报告",
    "incident.note": "填写重大事项跟进",
    "incident.close": "办结重大事项",
    "incident.reopen": "重新处置重大事项",
    "training.record": "登记培训",
    "client.erase": "删除个人信息",
    "photo.add": "上传照片",
    "photo.remove": "删除照片",
    "policy.adopt": "采用政策",
    "policy.withdraw": "撤下政策",
    "draft.begin": "新建政策草稿",
    "draft.numbers": "修改草稿数值",
    "draft.adopt": "采用政策草稿",
    "draft.discard": "删除政策草稿",
    "waiver.grant": "批准例外",
    "close.open": "开始关账",
    "papers.take": "下载全部报表",
    "close.judge": "核算达标",
    "close.halt": "中止关账",
    "close.resume": "继续关账",
    "close.leave": "放弃关账",
    "close.finish": "完成关账",
    "month.review": "开始核验",
    "month.submit": "报送月度情况",
    "month.take_back": "撤回报送",
    "month.accept": "接收月度情况",
    "month.return": "退回月度情况",
    "month.close": "镇街月度关账",
    "month.reopen": "开锁",
    "month.supplement": "开放补录",
    "month.act_for": "由局代办报送",
    "spot.draw": "抽取抽查名单",
    "spot.record": "填写抽查记录",
    "spot.reply": "答复抽查记录",
    "check.record": "填写核查记录",
    "check.reply": "答复核查记录",
    "check.daily": "每日检查",
    "book.issue": "登记月末纸质工作日志",
    "book.receive": "签收纸质工作日志",
    "book.review": "审核纸质工作日志",
    "form.open": "收下上级报表",
    "form.map": "设置上级报表",
    "form.renew": "更换上级报表表样",
    "form.fill": "填报上级报表",
    "channel.set": "设置消息渠道",
    "appointment.reinstate": "撤销结束聘任",
    "log.import": "导入服务记录",
    "import.upload": "上传导入文件",
    "import.accept": "采用建议的写法",
    "import.write": "写入导入内容",
    "import.undo": "撤销导入",
    "import.drop": "放弃导入",
    "import.retry": "重试导入",
    "job.retry": "重试后台任务",
    "user.create": "开通用户",
    "user.open": "启用账号",
    "user.close": "停用账号",
    "user.unlock": "解除锁定",
    "user.reset_password": "重置密码",
    "user.change_phone": "修改手机号",
    "user.change_password": "修改密码",
    "user.sign_out_everywhere": "全部退出登录",
    "user.set_up_second_factor": "启用动态验证码",
    "user.renew_spare_codes": "更换备用验证码",
    "user.remove_second_factor": "取消动态验证码",
    "post.open": "设置岗位",
    "post.create": "设置岗位",
    "post.end": "结束岗位",
    "list.export": "导出列表",
}

#: Recorded fields that bear no column's name.
FIELDS: dict[str, str] = {
    "start": "起始日",
    "end": "止日（不含）",
    "date": "日期",
    "place": "单位",
    "subject": "对象",
    "matter": "事项",
    "opened": "查看内容",
    "confirmed": "确认条数",
    "returned": "退回条数",
    "limit": "时限",
    "file": "文件",
    "cells": "单元格",
    "sheet": "工作表",
    "channel": "渠道",
    "on": "启用",
    "fields": "字段",
    "photos": "照片数",
    "rows": "行数",
    "asked": "筛选条件",
    "rules": "规则数",
    "version": "版本",
    "verdicts": "结论数",
    "files": "报表数",
    "source": "来源",
    "townships": "镇街数",
    "done": "已完成项数",
    "villages": "村（社区）数",
    "added": "新增",
    "changed": "变更",
    "renamed": "改名",
    "removed": "停用",
}
_NOTHING = "（空）"


def verb_in_words(verb: str) -> str:
    """A verb that nobody translated is shown as it is: better odd than silent."""
    return VERBS.get(verb, verb)


class Change(NamedTuple):
    """One recorded field; None: there was, or is, nothing."""

    field: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            return f"{self.field}：{self.after or self.before}"
        return f"{self.field}：{self.before} → {self.after}"


def subject_in_words(subject_type: str) -> str:
    """What kind of row an entry is about."""
    try:
        return str(apps.get_model(subject_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return subject_type


def changes(
    subject_type: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[Change]:
    """The fields that differ, in Chinese, in the order in which they were written down."""
    old, new = before or {}, after or {}
    for name in dict.fromkeys((*old, *new)):
        pair = old.get(name), new.get(name)
        if before is None or after is None or pair[0] != pair[1]:
            yield Change(
                _field(subject_type, name),
                _value(subject_type, name, pair[0]) if name in old else None,
                _value(subject_type, name, pair[1]) if name in new else None,
            )


def _column(subject_type: str, name: str) -> Any:
    try:
        fields = apps.get_model(subject_type)._meta.concrete_fields
    except (LookupError, ValueError):
        return None
    return next((field for field in fields if field.name == name), None)


def _field(subject_type: str, name: str) -> str:
    column = _column(subject_type, name)
    return str(column.verbose_name) if column is not None else FIELDS.get(name, name)


def _value(subject_type: str, name: str, value: Any) -> str:
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(map(str, value))
    choices = getattr(_column(subject_type, name), "flatchoices", None) or ()
    return str(dict(choices).get(value, value))
