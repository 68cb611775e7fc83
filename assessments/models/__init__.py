"""Policies as dated data, the months closed by them, and what came out."""

from assessments.models.checks import Chosen, MonthlyCheck, SpotCheck, SpotDraw
from assessments.models.closes import (
    SUBJECT_COLUMNS,
    DailyCheck,
    GeneratedFile,
    MonthClose,
    Verdict,
)
from assessments.models.desks import MonthDesk, Reopening
from assessments.models.forms import FormFilling, FormTemplate, FormVersion
from assessments.models.journals import MonthlyBook
from assessments.models.looks import Look
from assessments.models.messages import BureauChannel, Delivery, Message, MessageChoice
from assessments.models.policies import Policy, PolicyDraft, Rule, Waiver

__all__ = [
    "SUBJECT_COLUMNS",
    "BureauChannel",
    "Chosen",
    "DailyCheck",
    "Delivery",
    "FormFilling",
    "FormTemplate",
    "FormVersion",
    "GeneratedFile",
    "Look",
    "Message",
    "MessageChoice",
    "MonthClose",
    "MonthDesk",
    "MonthlyBook",
    "MonthlyCheck",
    "Policy",
    "PolicyDraft",
    "Reopening",
    "Rule",
    "SpotCheck",
    "SpotDraw",
    "Verdict",
    "Waiver",
]
