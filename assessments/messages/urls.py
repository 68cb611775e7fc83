from django.urls import path

from assessments.messages import pages

urlpatterns = [
    path("messages/", pages.messages, name="messages"),
    path("messages/read/", pages.read_all, name="messages-read"),
    path("messages/settings/", pages.settings, name="message-settings"),
    path("messages/<int:pk>/", pages.open_message, name="message-open"),
    path("bureau/<slug:code>/channels/", pages.channels, name="channels"),
]
