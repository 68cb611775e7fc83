from django.urls import path

from assessments.review import check_pages, close_pages, pages, spot_pages

_MONTH = "township/<slug:code>/<month:month>/"
_BUREAU = "bureau/<slug:code>/<month:month>/"

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
    path(f"{_MONTH}act-for/", pages.act_for, name="month-act-for"),
    path(f"{_MONTH}supplements/", pages.open_supplements, name="month-supplements"),
    path(f"{_MONTH}changes/", close_pages.township_changes, name="township-changes"),
    path(f"{_MONTH}spot/", spot_pages.spot, name="spot"),
    path(f"{_MONTH}spot/draw/", spot_pages.draw_list, name="spot-draw"),
    path(f"{_MONTH}spot/<int:pk>/", spot_pages.record, name="spot-record"),
    path(f"{_BUREAU}spot/", spot_pages.spots, name="spots"),
    path(f"{_BUREAU}close/", close_pages.close_month, name="bureau-close"),
    path(f"{_BUREAU}reclose/", close_pages.reclose_month, name="bureau-reclose"),
    path(f"{_BUREAU}halt/", close_pages.halt, name="bureau-halt"),
    path(f"{_BUREAU}resume/", close_pages.resume, name="bureau-resume"),
    path(f"{_BUREAU}leave/", close_pages.leave, name="bureau-leave"),
    path(f"{_BUREAU}retry/<int:pk>/", close_pages.retry_job, name="job-retry"),
    path(f"{_BUREAU}changes/", close_pages.bureau_changes, name="bureau-changes"),
]
