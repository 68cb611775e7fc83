from django.urls import path

from assessments.review import check_pages, pages

_MONTH = "township/<slug:code>/<month:month>/"

urlpatterns = [
    path("bureau/<slug:code>/months/", pages.months, name="bureau-months"),
    path(f"{_MONTH}review/", pages.review, name="review"),
    path(f"{_MONTH}review/all/", pages.review_every, name="review-all"),
    path(f"{_MONTH}review/row/<int:pk>/", pages.review_row, name="review-row"),
    path(f"{_MONTH}review/<int:pk>/", pages.review_one, name="review-one"),
    path(f"{_MONTH}check/<slug:village_code>/", check_pages.record, name="check-record"),
    path("mine/checks/", check_pages.own_checks, name="own-checks"),
    path(f"{_MONTH}submit/", pages.submit, name="month-submit"),
    path(f"{_MONTH}take-back/", pages.take_back, name="month-take-back"),
    path(f"{_MONTH}accept/", pages.accept, name="month-accept"),
    path(f"{_MONTH}return/", pages.send_back, name="month-return"),
    path(f"{_MONTH}reopen/", pages.reopen, name="month-reopen"),
]
