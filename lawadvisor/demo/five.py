"""The five places of the demo: how each of them works. All shares and habits are invented."""

from __future__ import annotations

from dataclasses import replace

from advisors.enums import Category
from lawadvisor.demo.customs import Check, Customs, Level, Paper, Rhythm, Staffing, Visits
from lawadvisor.demo.flaws import REALISTIC
from lawadvisor.foundation.periods import PeriodKind
from worklogs.enums import FilingKind as K
from worklogs.enums import LogState, Mark

MONTH, QUARTER, HALF_YEAR, YEAR = (
    PeriodKind.MONTH,
    PeriodKind.QUARTER,
    PeriodKind.HALF_YEAR,
    PeriodKind.YEAR,
)
FEW_CATEGORIES = ((Category.LAWYER, 60), (Category.LEGAL_WORKER, 40))

# Two visits of four hours, and a few who hand in the papers of the year before it is over.
ZHENGXIANG = Customs(
    year_papers=True,
    early_papers=0.07,
    papers=(
        Paper(K.ONLINE_GROUP, Level.VILLAGE, None, (1, 20), done=0.93),
        Paper(K.MONTHLY_SUMMARY, Level.TOWNSHIP, MONTH, (0, 6), afterwards=True, done=0.97),
    ),
)

# One or two stays that add up to six hours; a fourth village with leave, and two volunteers.
JIADING = Customs(
    visits=Visits(Rhythm.HOURS, stays=(1, 2), minutes=360),
    staffing=Staffing(
        categories=((Category.LAWYER, 75), (Category.LEGAL_WORKER, 25)),
        loads=((1, 10), (2, 40), (3, 50)),
        cap=3,
        exception="相邻小区同属一个片区，居民要求由同一位律师服务（批准人：区司法局基层科 沈某）",
        volunteers=(Category.RETIRED_JUDGE, Category.LEGAL_SCHOLAR),
        schooled=True,
        teams=2,
    ),
    papers=(Paper(K.INSPECTION, Level.BUREAU, YEAR, (150, 200)),),
    flaws=replace(REALISTIC, short_visit=0.09),
)

# Several shorter stays that add up to five hours; one lecture a year; a sixth village with leave.
PINGXIANG = Customs(
    visits=Visits(Rhythm.HOURS, stays=(2, 4), minutes=300),
    staffing=Staffing(
        categories=FEW_CATEGORIES,
        loads=((3, 30), (4, 40), (5, 30)),
        cap=5,
        exception="边境村缺少律师，暂由邻村法律顾问兼任（批准人：市司法局分管负责人 农某）",
        teams=1,
    ),
    lecture_every=YEAR,
    papers=(
        Paper(
            K.ADVISOR_TRAINING,
            Level.BUREAU,
            YEAR,
            (90, 150),
            marks=(Mark.STATE_POLICY, Mark.LOCAL_CONDITIONS, Mark.LEGAL_PRACTICE),
        ),
        Paper(K.INSPECTION, Level.BUREAU, YEAR, (180, 240)),
    ),
    flaws=replace(REALISTIC, short_visit=0.1),
)

# Eight hours of duty, confirmed by the liaison of the village, who is not everywhere quick.
DONGGUAN = Customs(
    visits=Visits(Rhythm.HOURS, stays=(2, 3), minutes=480, contacts=0.72),
    staffing=Staffing(
        categories=((Category.LAWYER, 1),), loads=((2, 20), (3, 45), (4, 35)), teams=2
    ),
    check=Check(LogState.CONFIRMED, quick=4, slow=42, slow_share=0.2, unreviewed=0.3),
    papers=(
        Paper(K.MONTHLY_CHECK, Level.VILLAGE, MONTH, (4, 27), done=0.96),
        Paper(K.INSPECTION, Level.BUREAU, QUARTER, (6, 24)),
        Paper(K.JOINT_MEETING, Level.BUREAU, YEAR, (60, 110)),
        Paper(K.JOINT_MEETING, Level.TOWNSHIP, YEAR, (80, 330), done=0.85),
        Paper(K.HALF_YEAR_REPORT, Level.BUREAU, HALF_YEAR, (6, 22), afterwards=True),
        Paper(K.HALF_YEAR_REPORT, Level.TOWNSHIP, HALF_YEAR, (8, 40), afterwards=True, done=0.9),
        Paper(
            K.ANNUAL_REVIEW,
            Level.TOWNSHIP,
            YEAR,
            (190, 345),
            marks=(
                *(Mark.TOWNSHIP_LEADERS, Mark.OFFICE_HEAD, Mark.CADRES),
                *(Mark.VILLAGERS, Mark.ADVISORS),
            ),
        ),
        Paper(
            K.LIAISON_TRAINING,
            Level.TOWNSHIP,
            YEAR,
            (70, 260),
            done=0.95,
            marks=(
                *(Mark.LIAISONS, Mark.OFFICE_STAFF),
                *(Mark.NECESSITY, Mark.WORK_SYSTEM, Mark.COOPERATION),
            ),
        ),
        Paper(K.GUIDANCE_MEETING, Level.BUREAU, YEAR, (70, 100)),
        Paper(K.GUIDANCE_MEETING, Level.BUREAU, YEAR, (240, 280)),
        Paper(K.ADVISOR_TRAINING, Level.BUREAU, YEAR, (100, 130)),
        Paper(K.ADVISOR_TRAINING, Level.BUREAU, YEAR, (250, 290)),
        Paper(K.CAMPAIGN, Level.BUREAU, YEAR, (120, 160)),
        Paper(K.CAMPAIGN, Level.TOWNSHIP, YEAR, (100, 330), done=0.9),
    ),
    flaws=replace(REALISTIC, short_visit=0.14, single_visit=0.07),
)

# As it is asked for; a training each quarter with its picture; the office reviews every record.
JIAOCHENG = Customs(
    visits=Visits(Rhythm.ON_DEMAND, stays=(0, 2), calls=0.34, mediations=0.52),
    staffing=Staffing(
        categories=((*FEW_CATEGORIES, (Category.LEGAL_AID_STAFF, 10), (Category.NOTARY, 6))),
        loads=((2, 20), (3, 40), (4, 28), (5, 12)),
        teams=1,
    ),
    check=Check(LogState.REVIEWED, quick=6, slow=45, slow_share=0.2),
    trained=(Mark.CADRES, Mark.GRID_WORKERS, Mark.MEDIATORS, Mark.LEGAL_LITERATES),
    phones=True,
    photos=True,
    papers=(
        Paper(K.LOGBOOK, Level.ADVISOR, MONTH, (-8, 0), afterwards=True, done=0.95),
        Paper(K.MONTHLY_CHECK, Level.ADVISOR, MONTH, (6, 27), done=0.97),
        Paper(
            K.ADVISOR_TRAINING,
            Level.BUREAU,
            YEAR,
            (110, 160),
            marks=(Mark.ETHICS, Mark.DISCIPLINE, Mark.MEDIATION_SKILL, Mark.CASE_FILES),
        ),
    ),
    flaws=replace(REALISTIC, extra_record=0.85, missing_month=0.05, missing_phone=0.02),
)
