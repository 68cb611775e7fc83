from __future__ import annotations

from django.db import models


class Mode(models.TextChoices):
    ON_SITE = "on_site", "现场"
    PHONE = "phone", "电话"
    WECHAT = "wechat", "微信"
    QQ = "qq", "QQ"
    APP = "app", "手机APP"
    OTHER_ONLINE = "other_online", "其他线上"


class Purpose(models.TextChoices):
    """What a stay was for; a stay only for a lecture is no consultation visit (A10)."""

    DUTY = "duty", "坐班咨询"
    MEDIATION = "mediation", "参与调解"
    LECTURE_ONLY = "lecture_only", "仅讲座"
    OTHER = "other", "其他"


class LogState(models.TextChoices):
    """Withdrawn is a record that its advisor took back: it stays, and counts for nothing."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    CONFIRMED = "confirmed", "已确认"
    RETURNED = "returned", "已退回"
    REVIEWED = "reviewed", "已核验"
    WITHDRAWN = "withdrawn", "已撤回"


class MatterKind(models.TextChoices):
    CONSULTATION = "consultation", "法律咨询"
    MEDIATION = "mediation", "参与调解"
    LECTURE = "lecture", "法治讲座"
    TRAINING = "training", "法治培训"
    OPINION = "opinion", "法律意见"
    VILLAGE_RULES = "village_rules", "村规民约"
    DOCUMENT = "document", "代写文书"
    LEGAL_AID = "legal_aid", "法律援助"
    PETITION = "petition", "信访协助"
    PUBLICITY = "publicity", "法治宣传"
    LITIGATION = "litigation", "诉讼服务"
    ELECTION = "election", "换届选举"
    INCIDENT = "incident", "重大事项报告"
    CONTACT = "contact", "联系“两委”干部"
    OTHER = "other", "其他"


class SpecialGroup(models.TextChoices):
    """Whom the scheme owes legal help, and whose past is nobody else's business (ZX-18)."""

    RELEASED = "released", "刑满释放人员"
    DETOXED = "detoxed", "解除强制隔离戒毒人员"
    SERVING = "serving", "社区服刑人员"


class LegalTopic(models.TextChoices):
    """The village matters that law publicity turns on (ZX-20), and the rest."""

    LAND_TAKING = "land_taking", "征地拆迁"
    LAND_TITLE = "land_title", "土地权属"
    PROPERTY_SERVICE = "property_service", "物业服务"
    FAMILY = "family", "婚姻家庭"
    SCHOOL_MEDICAL = "school_medical", "入学就医"
    SOCIAL_SECURITY = "social_security", "社会保障"
    ENVIRONMENT = "environment", "环境保护"
    OTHER = "other", "其他"


class Mark(models.TextChoices):
    """What a record can show besides its fields: who took part, what was taught.

    With the filled fields these are the evidence that rules ask for.
    """

    CADRES = "cadres", "“两委”干部"
    GRID_WORKERS = "grid_workers", "网格员"
    MEDIATORS = "mediators", "人民调解员"
    LEGAL_LITERATES = "legal_literates", "法律明白人"
    TOWNSHIP_LEADERS = "township_leaders", "镇街领导"
    OFFICE_HEAD = "office_head", "司法所（分局）负责人"
    VILLAGERS = "villagers", "群众代表"
    YOUTH = "youth", "青少年"
    ADVISORS = "advisors", "法律顾问"
    LIAISONS = "liaisons", "联络员"
    OFFICE_STAFF = "office_staff", "司法所（分局）专责人员"
    STATE_POLICY = "state_policy", "国家政策"
    LOCAL_CONDITIONS = "local_conditions", "社情民意"
    LEGAL_PRACTICE = "legal_practice", "法律业务"
    NECESSITY = "necessity", "工作必要性"
    WORK_SYSTEM = "work_system", "工作制度"
    COOPERATION = "cooperation", "与律师配合"
    ETHICS = "ethics", "职业道德"
    DISCIPLINE = "discipline", "执业纪律"
    MEDIATION_SKILL = "mediation_skill", "调解技能"
    CASE_FILES = "case_files", "案卷制作"


class FilingKind(models.TextChoices):
    """Documents owed or sent; meetings, trainings and checks by the paper that tells of them."""

    SUGGESTION_REPORT = "suggestion_report", "法治提升建议报告"
    DOSSIER = "dossier", "法治档案"
    JOURNAL = "journal", "工作日志"
    LOGBOOK = "logbook", "纸质工作日志"
    ONLINE_GROUP = "online_group", "微信工作群登记"
    MONTHLY_CHECK = "monthly_check", "每月核查记录"
    MONTHLY_SUMMARY = "monthly_summary", "月度工作汇总"
    HALF_YEAR_REPORT = "half_year_report", "半年工作报告"
    ADVISOR_TRAINING = "advisor_training", "法律顾问培训"
    LIAISON_TRAINING = "liaison_training", "联络员培训"
    JOINT_MEETING = "joint_meeting", "联席会议"
    ANNUAL_REVIEW = "annual_review", "年度工作会议"
    GUIDANCE_MEETING = "guidance_meeting", "指导组会议"
    INSPECTION = "inspection", "督导检查"
    CAMPAIGN = "campaign", "专项宣传"
    ZERO_REPORT = "zero_report", "零申报"


#: What a village has, each by its advisor but for the registration and the check.
VILLAGE_FILINGS = (
    FilingKind.SUGGESTION_REPORT,
    FilingKind.DOSSIER,
    FilingKind.JOURNAL,
    FilingKind.LOGBOOK,
    FilingKind.ONLINE_GROUP,
    FilingKind.MONTHLY_CHECK,
    FilingKind.ZERO_REPORT,
)
ADVISOR_FILINGS = (*VILLAGE_FILINGS[:4], FilingKind.ZERO_REPORT)


class FilingState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    RECEIVED = "received", "已接收"
    WITHDRAWN = "withdrawn", "已撤回"


class AttachmentKind(models.TextChoices):
    PHOTO = "photo", "照片"
    SHEET = "sheet", "材料"


class Dispute(models.TextChoices):
    """Why a village's contact does not vouch for a record."""

    NOBODY_CAME = "nobody_came", "没有来过"
    TIME = "time", "时间不对"
    PLACE = "place", "地点不对"
    CONTENT = "content", "事项不对"
    OTHER = "other", "其他"


class RequestKind(models.TextChoices):
    """What a village asks of its advisor."""

    VISIT = "visit", "请顾问来一趟"
    ADVICE = "advice", "咨询答复"
    HARD = "hard", "疑难问题"


class RequestState(models.TextChoices):
    OPEN = "open", "待受理"
    ACCEPTED = "accepted", "已受理"
    ANSWERED = "answered", "已答复"
    DECLINED = "declined", "不能办理"
    CLOSED = "closed", "已办结"


#: What the advisor still owes.
OWED_REQUESTS = (RequestState.OPEN, RequestState.ACCEPTED)


class LimitKey(models.TextChoices):
    """Numbers that a scheme needs and no text gives; ``limits`` holds their defaults."""

    CONFIRM_DAYS = "confirm_days", "联络员超过几天没有答复，列为未确认"
    VISIT_DAYS = "visit_days", "请顾问来一趟：几天内办理（没有写明希望日期的）"
    ADVICE_DAYS = "advice_days", "咨询答复：几天内答复"
    HARD_DAYS = "hard_days", "疑难问题：几天内答复"
    ACKNOWLEDGE_HOURS = "acknowledge_hours", "重大事项报告：几小时内签收"


class IncidentKind(models.TextChoices):
    """What must be reported at once (ZX-14, ZX-42, SH-40, SH-41; the list is A27)."""

    MASS_INCIDENT = "mass_incident", "可能引发群体性事件"
    MASS_PETITION = "mass_petition", "可能引发大规模上访"
    MAJOR_INTEREST = "major_interest", "涉及群众重大利益"
    STABILITY = "stability", "影响社会和谐稳定"
    OTHER = "other", "其他重大事项"


class IncidentLevel(models.TextChoices):
    GENERAL = "general", "一般"
    SERIOUS = "serious", "较重"
    URGENT = "urgent", "紧急"


class IncidentState(models.TextChoices):
    OPEN = "open", "处置中"
    CLOSED = "closed", "已办结"


class Recipient(models.TextChoices):
    """To whom a policy has grave matters reported; its words are those of policy files."""

    OFFICE = "office", "司法所"
    BUREAU = "bureau", "司法局"
    TOWNSHIP = "township", "镇街"
    VILLAGE = "village", "村（居）委会"


class NoteKind(models.TextChoices):
    """What became of a grave matter; it is closed only after a legal opinion (ZX-43, SH-42)."""

    OPINION_ON_SITE = "opinion_on_site", "到场提出法律意见"
    OPINION_OTHERWISE = "opinion_otherwise", "以其他方式提出法律意见"
    FOLLOW_UP = "follow_up", "跟进情况"


OPINIONS = (NoteKind.OPINION_ON_SITE, NoteKind.OPINION_OTHERWISE)
