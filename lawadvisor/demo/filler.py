"""Sentences from templates: every ``{token}`` is drawn afresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from lawadvisor.demo.names import SURNAMES

Draw = Callable[[Random], str]


def _of(*options: str) -> Draw:
    return lambda rng: rng.choice(options)


def _number(low: int, high: int, unit: str, step: int = 1) -> Draw:
    return lambda rng: f"{rng.randrange(low, high + 1, step)}{unit}"


def _tenths(low: int, high: int, unit: str) -> Draw:
    return lambda rng: f"{rng.randint(low, high) / 10:.1f}{unit}"


def _somebody(rng: Random) -> str:
    return f"{rng.choice(SURNAMES)}某{rng.choice(('', '', '某'))}"


TOKENS: dict[str, Draw] = {
    "who": _somebody,
    "other": _somebody,
    "money": _number(800, 9600, "元", 200),
    "sum": _tenths(11, 98, "万元"),
    "area": _tenths(3, 46, "亩"),
    "metres": _number(12, 160, "平方米", 2),
    "years": _number(2, 18, "年"),
    "months": _number(2, 11, "个月"),
    "days": _number(5, 45, "天"),
    "people": _number(3, 28, "人"),
    "homes": _number(3, 36, "户"),
    "year": _number(2009, 2024, "年"),
    "age": _number(58, 86, "岁"),
    "kin": _of("儿子", "女儿", "弟弟", "哥哥", "姐姐", "侄子", "外甥", "儿媳"),
    "spouse": _of("丈夫", "妻子", "前夫", "前妻"),
    "building": _of("1栋", "2栋", "3栋", "5栋", "6栋", "8栋", "12栋"),
    "crop": _of("玉米", "水稻", "油茶", "核桃", "谷子", "辣椒", "莲子", "柑橘", "红枣"),
    "animal": _of("养猪场", "养鸡场", "养羊场", "养鱼塘"),
    "shop": _of("烧烤店", "洗车店", "废品站", "棋牌室", "建材加工点", "修理铺"),
    "trade": _of("木工", "瓦工", "保洁", "驾驶员", "电焊工", "帮厨", "保安", "装卸工"),
    "place": _of("村口", "村东头", "老屋场", "河边", "公路旁", "晒谷坪旁", "学校后面", "组道边"),
    "evidence": _of("转账记录", "聊天记录", "收条", "录音", "现场照片", "证人证言", "合同原件"),
    "body": _of("调委会", "司法所", "综治中心", "社区民警", "法院诉源治理工作站", "信访办"),
    "mediator": _of("调委会", "司法所", "综治中心", "法院诉源治理工作站"),
    "count": _number(2, 6, ""),
    "copies": _number(30, 220, "", 5),
    "questions": _number(2, 14, ""),
    "venue": _of(
        "会议室", "文化广场", "新时代文明实践站", "党群服务中心", "农家书屋", "村口大树下", "活动室"
    ),
    "hospital": _of("卫生院", "中心医院", "中医院", "人民医院"),
    "school": _of("中心小学", "镇中学", "实验小学", "幼儿园", "职业中专"),
    "group": _of("一组", "二组", "三组", "四组", "五组", "六组", "七组", "八组"),
    "when": _of("上周", "上月", "前些天", "今年初", "去年冬天", "春节后", "端午节前后", "月初"),
}


class Filler:
    """Fills templates from one source of chance; ``fixed`` tokens keep the value given."""

    def __init__(self, rng: Random, **fixed: str) -> None:
        self.rng = rng
        self._fixed = fixed

    def __getitem__(self, token: str) -> str:
        known = self._fixed.get(token)
        return known if known is not None else TOKENS[token](self.rng)

    def knowing(self, **fixed: str) -> Filler:
        return Filler(self.rng, **{**self._fixed, **fixed})

    def one_of(self, templates: Sequence[str]) -> str:
        return self.rng.choice(templates).format_map(self)
