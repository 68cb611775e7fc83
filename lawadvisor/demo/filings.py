"""Suggestion reports and dossiers, one each a year for most villages; a few come early."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from lawadvisor.demo.filler import Filler
from lawadvisor.demo.spec import CountySpec
from lawadvisor.demo.tenures import Tenure
from worklogs.enums import FilingKind, FilingState
from worklogs.models import Filing

FINDINGS = (
    "全年接待咨询以婚姻家庭和{crop}地租赁为主，口头协议多、书面凭据少",
    "{group}土地边界历史遗留问题较多，涉及{homes}",
    "外出务工人员欠薪问题集中在{trade}行业，取证意识不强",
    "村（居）务公开栏更新不够及时，群众对集体收入去向有疑问",
    "赡养纠纷增多，独居老人权益需要关注",
    "电信网络诈骗发案{people}，老年人防范意识薄弱",
    "集体资产出租合同条款过于简单，租期最长达{years}",
    "{place}的{shop}噪声扰民，多次反映未根本解决",
    "物业费收缴率低，业主委员会运转不畅",
)
SUGGESTIONS = (
    "建议对现有合同逐份清理，统一使用示范文本",
    "建议每季度召开一次矛盾纠纷分析会，{group}为重点",
    "建议在{venue}设置固定法治宣传角",
    "建议新培养“法律明白人”{people}",
    "建议把村规民约中与法律不一致的条款尽快修订",
    "建议外出务工前集中讲一次劳动合同课",
    "建议重大事项表决前先由法律顾问审查",
    "建议对独居老人建立走访台账",
    "建议公开集体收支明细，接受监督",
)
DOSSIER_PARTS = ("走访记录", "法治讲堂内容", "评价反馈测评表", "免费诉讼服务情况表")
TITLES = {
    FilingKind.SUGGESTION_REPORT: "{year}年法治提升建议报告",
    FilingKind.DOSSIER: "{year}年法治档案",
}


def past_years(spec: CountySpec) -> range:
    """Calendar years that are over today and share a month with the records."""
    return range(spec.periods[0].start.year, spec.today.year)


def filings_of(spec: CountySpec, tenures: Sequence[Tenure]) -> Iterator[Filing]:
    """Due from whoever serves on 31 December (A52); unsaved."""
    rng = spec.stream("filings")
    for year in past_years(spec):
        last_day = date(year, 12, 31)
        for tenure in tenures:
            if tenure.start <= last_day < tenure.serves_until:
                yield from _of_village(spec, rng, tenure, year)
    yield from _early(spec, tenures)


def _of_village(spec: CountySpec, rng: Random, tenure: Tenure, year: int) -> Iterator[Filing]:
    for kind in TITLES:
        if rng.random() < spec.rates.missing_filing:
            continue
        filed = date(year, 12, 8) + timedelta(days=rng.randint(0, 44))
        yield _filing(spec, rng, tenure, kind, year, filed)


def _early(spec: CountySpec, tenures: Sequence[Tenure]) -> Iterator[Filing]:
    """What a few hand in for the year that still runs, in the weeks up to the last month's end."""
    rng, last_day = spec.stream("early filings"), spec.periods[-1].last_day
    year = last_day.year
    if not spec.customs.early_papers or year in past_years(spec):
        return
    for tenure in tenures:
        for kind in TITLES:
            filed = last_day - timedelta(days=rng.randint(0, 40))
            is_early = rng.random() < spec.customs.early_papers
            if is_early and filed.year == year and tenure.serves_on(last_day):
                yield _filing(spec, rng, tenure, kind, year, filed)


def _filing(
    spec: CountySpec, rng: Random, tenure: Tenure, kind: FilingKind, year: int, filed: date
) -> Filing:
    known = filed < spec.today
    return Filing(
        kind=kind,
        bureau_id=tenure.village.township.bureau_id,
        village=tenure.village,
        advisor=tenure.advisor,
        period_start=date(year, 1, 1),
        period_end=date(year + 1, 1, 1),
        title=tenure.village.short_name + TITLES[kind].format(year=year),
        body=_body(rng, kind, tenure.village.short_name),
        state=_state(rng) if known else FilingState.DRAFT,
        filed_on=filed if known else None,
    )


def _state(rng: Random) -> FilingState:
    return rng.choices((FilingState.RECEIVED, FilingState.SUBMITTED), (85, 15))[0]


def _body(rng: Random, kind: FilingKind, village: str) -> str:
    filler = Filler(rng, village=village)
    if kind == FilingKind.DOSSIER:
        parts = "、".join(rng.sample(DOSSIER_PARTS, k=rng.choice((3, 4, 4))))
        return f"本卷收录{village}{parts}，共{rng.randint(38, 160)}页。"
    findings = rng.sample(FINDINGS, k=rng.choice((2, 3)))
    suggestions = rng.sample(SUGGESTIONS, k=rng.choice((2, 3)))
    found = "；".join(filler.one_of((line,)) for line in findings)
    advice = "；".join(filler.one_of((line,)) for line in suggestions)
    return f"一、主要问题：{found}。\n二、工作建议：{advice}。"
