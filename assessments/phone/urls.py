from django.urls import path

from assessments.phone import offline, views

urlpatterns = [
    path("mine/", views.today, name="mine"),
    path("mine/log/", views.log, name="phone-log"),
    path("mine/log/<uuid:number>/", views.revise, name="phone-revise"),
    path("mine/log/<uuid:number>/withdraw/", views.withdraw, name="phone-withdraw"),
    path("mine/log/<uuid:number>/photos/", views.photos, name="phone-photos"),
    path("mine/zero/", views.zero, name="phone-zero"),
    path("mine/saved/<uuid:number>/", views.saved, name="phone-saved"),
    path("mine/records/", views.records, name="phone-records"),
    path("mine/month/", views.month, name="phone-month"),
    path("mine/month/<month:month>/<slug:form>/", views.month_file, name="phone-month-file"),
    path("mine/me/", views.me, name="phone-me"),
    path("mine/me/size/", views.size, name="phone-size"),
    path("mine/key/", offline.key, name="phone-key"),
    # from the root, so that it may answer for every address of the phone
    path("worker.js", offline.worker, name="phone-worker"),
]
