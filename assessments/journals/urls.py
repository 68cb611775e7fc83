from django.urls import path

from assessments.journals import pages

_OF = "journal/<int:pk>/"

urlpatterns = [
    path(f"{_OF}<period:period>/", pages.journal, name="journal"),
    path(f"{_OF}<period:period>.pdf", pages.journal_file, name="journal-file"),
    path(f"{_OF}<month:month>/issue/", pages.issue, name="journal-issue"),
    path(f"{_OF}<month:month>/receive/", pages.receive, name="journal-receive"),
    path("journal/sheet/<int:pk>.pdf", pages.sheet_file, name="journal-sheet"),
    path("lecture/<int:pk>/", pages.lecture, name="lecture"),
    path("lecture/<int:pk>.pdf", pages.lecture_file, name="lecture-file"),
]
