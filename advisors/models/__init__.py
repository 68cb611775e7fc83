"""Who serves where, and who sits at which desk."""

from advisors.models.liaisons import Liaison
from advisors.models.posts import AREA_DIGITS, PLACE_OF, POST_ROLES, Post
from advisors.models.roster import Absence, Advisor, Appointment, Organisation, ServiceTeam

__all__ = [
    "AREA_DIGITS",
    "PLACE_OF",
    "POST_ROLES",
    "Absence",
    "Advisor",
    "Appointment",
    "Liaison",
    "Organisation",
    "Post",
    "ServiceTeam",
]
