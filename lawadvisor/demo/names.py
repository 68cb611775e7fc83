"""Invented people and organisations. Nobody here exists, and no list of real names was used."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾"
)
COMPOUND_SURNAMES = ("欧阳", "上官", "司徒", "诸葛")
FIRST = (
    "文志建国明永春海晓雅丽秀玉红思伟立新光宏德学家子俊天庆振兴世安佳梦雨慧静淑桂兰金凤美"
    "宝长福正忠义仁和泽润嘉景启云锦少仲希若书亦向远"
)
LAST = (
    "华强军平峰林杰涛斌辉鹏飞亮刚勇波宁超磊东民芳英霞娟燕玲敏莉萍梅琴洁莹琳颖倩婷雪月清"
    "怡瑶欣悦诚达航宇轩然博瀚昌荣贵根生来发旺才成"
)
#: Characters that fonts and imports stumble over; each stands in real registers of names.
RARE = (
    "喆",
    "堃",
    "璟",
    "玥",
    "䶮",
    "昇",
    "珺",
    "翀",
    "祎",
    "旻",
    "晟",
    "犇",
    "垚",
    "頔",
    "赟",
    "翾",
)

FIRM_STEMS_1 = "禾澄稷杉衡砚岫泊朴湛隽砺榆棠汀霁筠枫"
FIRM_STEMS_2 = "砚渡安月岸川序白言石原声信宜归"


def person_name(rng: Random, *, rare: bool = False) -> str:
    surname = rng.choice(SURNAMES) if rng.random() > 0.01 else rng.choice(COMPOUND_SURNAMES)
    if rare:
        character = rng.choice(RARE)
        return surname + (character if rng.random() < 0.4 else rng.choice(FIRST) + character)
    return surname + given_name(rng)


def given_name(rng: Random) -> str:
    if rng.random() < 0.22:
        return rng.choice(LAST)
    return rng.choice(FIRST) + rng.choice(LAST)


def person_names(rng: Random) -> Iterator[str]:
    """Endless names, no two alike; one in nine has a rare character."""
    used: set[str] = set()
    while True:
        name = person_name(rng, rare=len(used) % 9 == 4)
        if name not in used:
            used.add(name)
            yield name


class Client(NamedTuple):
    """A person served: the name in the client field, and as the text of the record puts it."""

    name: str
    in_text: str


def client(rng: Random) -> Client:
    """Mostly the full name, which the text then masks; sometimes only 王大姐."""
    surname = rng.choice(SURNAMES)
    if rng.random() < 0.8:
        given = given_name(rng)
        return Client(surname + given, surname + "某" * len(given))
    name = surname + rng.choice(("大姐", "大爷", "师傅", "女士", "先生", "阿姨"))
    return Client(name, name)


def party(rng: Random) -> Client:
    """A group that came together."""
    name = f"{rng.choice(SURNAMES)}某等{rng.randint(3, 12)}人"
    return Client(name, name)


def phone_number(rng: Random) -> str:
    """Eleven digits that nobody has: numbers of mobile phones begin with 13 to 19."""
    return f"100{rng.randrange(10**8):08d}"


def firm_stems(rng: Random) -> Iterator[str]:
    """Two-character names of firms, each once; a number follows when all are used."""
    pairs = [a + b for a in FIRM_STEMS_1 for b in FIRM_STEMS_2]
    rng.shuffle(pairs)
    yield from pairs
    for number in range(2, 100):
        yield from (f"{pair}{number}号" for pair in pairs)


PLACE_1 = "长大新石白青黄双上下东西南北高杨柳柏松桃李梨枣清龙凤金银红云雨竹枫莲荷莺"
PLACE_2 = "塘湾岭冲坪桥坡沟井泉庄河渡口垸坝洲岗寨园堰溪岩畔田铺店圩滩嘴峪洼梁"


def place_names(rng: Random) -> Iterator[str]:
    """Invented village names, each once."""
    pairs = [a + b for a in PLACE_1 for b in PLACE_2]
    rng.shuffle(pairs)
    yield from pairs
    for third in PLACE_2:
        yield from (pair + third for pair in pairs)
