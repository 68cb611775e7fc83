"""Checks, meetings, trainings, reports and logbooks, as the place's customs list them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from advisors.models import Advisor
from lawadvisor.demo.customs import Level, Paper
from lawadvisor.demo.filler import Filler
from lawadvisor.demo.matters import marked
from lawadvisor.demo.spec import CountySpec
from lawadvisor.demo.tenures import Tenure
from lawadvisor.foundation.periods import Period
from villages.models import Bureau, Township, Village
from worklogs.enums import FilingKind as K
from worklogs.enums import FilingState
from worklogs.models import Filing

BODIES: dict[K, tuple[str, ...]] = {
    K.LOGBOOK: (
        "纸质日志{count}页，服务事项{questions}件。",
        "登记服务事项{questions}件，已签字。",
    ),
    K.ONLINE_GROUP: ("群成员{people}，含“两委”干部、网格员和村（居）民代表。",),
    K.MONTHLY_CHECK: (
        "查看值班记录{count}次、服务事项{questions}件，电话回访{people}。",
        "核对日志与值班签到，走访{homes}，群众知晓法律顾问姓名和电话。",
        "核查服务台账，未发现虚填；提醒补充处理结果{count}处。",
    ),
    K.MONTHLY_SUMMARY: ("汇总各村（社区）服务次数、咨询{people}次、调解{count}件，随表报送。",),
    K.HALF_YEAR_REPORT: (
        "报告值班、讲座、调解情况，主要问题是{trade}行业欠薪和{place}噪声纠纷，提出措施{count}条。",
    ),
    K.ADVISOR_TRAINING: (
        "集中培训一天，授课{count}讲，课后座谈。",
        "以案例教学为主，参训{people}，现场答疑{questions}个。",
    ),
    K.LIAISON_TRAINING: ("在{venue}举办，讲解联络、确认和配合值班的办法，发放资料{copies}份。",),
    K.JOINT_MEETING: ("通报工作进展，协调值班场所和经费，议定事项{count}项。",),
    K.ANNUAL_REVIEW: ("总结全年工作，分析{group}等片区矛盾特点，部署下一年重点{count}项。",),
    K.GUIDANCE_MEETING: ("研究法律顾问反映的业务问题{questions}个，形成指导意见{count}条。",),
    K.INSPECTION: (
        "抽查{count}个村（社区），查看台账和公示牌，走访{homes}，反馈问题{questions}个。",
        "听取汇报，核对服务记录{questions}条，入户回访{homes}。",
    ),
    K.CAMPAIGN: ("张贴海报、推送案例，发放资料{copies}份，覆盖{homes}。",),
}
RECEIVED_OF_100 = 85


@dataclass(frozen=True, slots=True)
class _For:
    """Whom a paper is for: the columns of the row, and how its title begins."""

    name: str
    township: Township | None = None
    village: Village | None = None
    advisor: Advisor | None = None


def papers_of(spec: CountySpec, bureau: Bureau, tenures: Sequence[Tenure]) -> Iterator[Filing]:
    """Unsaved filings that were handed in between the first month and today."""
    for number, paper in enumerate(spec.customs.papers):
        rng = spec.stream("papers", number, paper.kind, paper.level.name)
        for period in _periods(spec, paper):
            for whom in _subjects(paper.level, bureau, tenures, period):
                filing = _paper(spec, bureau, paper, period, whom, rng)
                if filing.filed_on and spec.periods[0].start <= filing.filed_on < spec.today:
                    yield filing


def _periods(spec: CountySpec, paper: Paper) -> list[Period]:
    """The months, quarters … with records; of a standing paper the first month alone."""
    if paper.period is None:
        return [spec.periods[0]]
    kind = paper.period
    return list(dict.fromkeys(Period.containing(kind, p.start) for p in spec.periods))


def _subjects(
    level: Level, bureau: Bureau, tenures: Iterable[Tenure], period: Period
) -> list[_For]:
    if level is Level.BUREAU:
        return [_For(bureau.name.removesuffix("司法局"))]
    if level is Level.TOWNSHIP:
        return [_For(township.name, township=township) for township in bureau.townships.all()]
    found: dict[tuple[int, int], _For] = {}
    for tenure in tenures:
        if not period.overlaps(tenure.start, tenure.serves_until):
            continue
        village, advisor = tenure.village, tenure.advisor if level is Level.ADVISOR else None
        key = village.pk, advisor.pk if advisor else 0
        found[key] = _For(village.short_name, village=village, advisor=advisor)
    return list(found.values())


def _paper(
    spec: CountySpec, bureau: Bureau, paper: Paper, period: Period, whom: _For, rng: Random
) -> Filing:
    """``filed_on`` None: it was never handed in."""
    first = period.end if paper.afterwards else period.start
    filed = first + timedelta(days=rng.randint(*paper.days))
    done = not spec.flaws or rng.random() < paper.done
    received = rng.randrange(100) < RECEIVED_OF_100
    return Filing(
        kind=paper.kind,
        bureau=bureau,
        township=whom.township,
        village=whom.village,
        advisor=whom.advisor,
        period_start=period.start,
        period_end=period.end if paper.period else None,
        title=f"{whom.name}{period.label if paper.period else ''}{paper.kind.label}",
        body=Filler(rng).one_of(BODIES[paper.kind]),
        marks=marked(rng, paper.marks, spec.rates),
        state=FilingState.RECEIVED if received else FilingState.SUBMITTED,
        filed_on=filed if done else None,
    )
