"""八级工: the ladder of levels, its old words, and on what basis a level is given.

Source: DOMAIN §4.1 to §4.4. `order` rises with skill and is for comparing; a certificate's code falls and is for print.
The X certificates (1+X) have a scale of their own in the same words; its steps are no orders and never compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ledger.errors import LevelUnknown
from ledger.records._codes import LEVEL_OF_CODE, LEVELS

HIGH_SKILLED_FROM: Final = 4
"""高级工: high-skilled talent is this order and above, in the talent register and in every ratio."""

APPRENTICE: Final = 1
TOP_CERTIFICATE: Final = 6
"""高级技师: the highest level that a certificate states."""

POSTS: Final = (7, 8)
"""特级技师 and 首席技师: appointed technical posts, with an employer and a term."""

X_SCALE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "x-elementary": {"zh": "初级", "en": "elementary"},
        "x-intermediate": {"zh": "中级", "en": "intermediate"},
        "x-advanced": {"zh": "高级", "en": "advanced"},
    }
)
"""Steps of the X certificates, lowest first."""


@dataclass(frozen=True, slots=True)
class Basis:
    """On what basis a level is given.

    lowest, highest  orders it may give
    evidence         kinds of record of which at least one is cited; none: nothing need be cited
    decided          whether an approver and reasons stand in a record of their own, or in the one that gives the level
    scores           whether the certificate must have scores
    """

    zh: str
    en: str
    lowest: int = 2
    highest: int = TOP_CERTIFICATE
    evidence: tuple[str, ...] = ()
    decided: bool = False
    scores: bool = False


BASES: Final[Mapping[str, Basis]] = MappingProxyType(
    {
        "EXAM": Basis("考核评价", "assessment", scores=True),
        "DIRECT_NEW": Basis(
            "新招录或未定级职工直接认定",
            "direct recognition of new or unrated staff",
            evidence=("direct-recognition",),
            decided=True,
        ),
        "DIRECT_OUTSTANDING": Basis(
            "业绩突出一线职工直接认定",
            "direct recognition of outstanding front-line staff",
            lowest=HIGH_SKILLED_FROM,
            evidence=("direct-recognition",),
            decided=True,
        ),
        "EXCEPTIONAL_TECH_PROBLEM": Basis(
            "解决重大工艺技术难题或重大质量问题破格晋升",
            "exceptional promotion: a major technical or quality problem solved",
            evidence=("exceptional-promotion",),
            decided=True,
        ),
        "EXCEPTIONAL_INNOVATION": Basis(
            "技术创新成果获省部级以上奖项破格晋升",
            "exceptional promotion: an innovation award at province or ministry level or above",
            evidence=("exceptional-promotion",),
            decided=True,
        ),
        "EXCEPTIONAL_MENTORING": Basis(
            "师带徒业绩突出破格晋升",
            "exceptional promotion: outstanding mentoring",
            evidence=("exceptional-promotion",),
            decided=True,
        ),
        "CONTEST": Basis("竞赛晋升", "promotion by a contest result", evidence=("contest-promotion",)),
        "EQUIVALENCE_FOREIGN": Basis(
            "境外职业资格比照认定",
            "comparison with an overseas qualification on a list",
            evidence=("foreign-qualification",),
        ),
        "APPOINTED": Basis(
            "评聘",
            "appraisal and appointment to a post",
            lowest=POSTS[0],
            highest=POSTS[-1],
            evidence=("post-appointed",),
        ),
    }
)
"""Every basis by its permanent code, as certificates name it."""


def _words() -> dict[str, int]:
    """Every way a level was ever written on a national certificate, with its order."""
    numerals = {2: "五", 3: "四", 4: "三", 5: "二", 6: "一"}
    found = {level.zh: order for order, level in LEVELS.items()}
    for order, numeral in numerals.items():
        found |= {f"{numeral}级": order, f"国家职业资格{numeral}级": order}
    for order, step in ((2, "初级"), (3, "中级"), (4, "高级")):
        found |= {f"{step}技能": order, f"{step}技工": order}
    return found


_ORDER_OF_WORD: Final[Mapping[str, int]] = _words()


def order_of_code(code: str) -> int:
    """The order of a certificate's level code, `5` to `1`.

    raises  LevelUnknown (Refused)
    """
    level = LEVEL_OF_CODE.get(code)
    if level is None:
        raise LevelUnknown(f"expected a level code of {', '.join(LEVEL_OF_CODE)}")
    return level.order


def order_of_words(text: str) -> int:
    """The order of a level as a national certificate writes it, today or in old words.

    Source: DOMAIN §4.1. A bare 初级, 中级 or 高级 is not read: it may be a level, a title or a step of the X scale.

    text    such as `高级工`, `三级/高级工`, `三级/高级技能` or `国家职业资格三级`
    raises  LevelUnknown (Refused) for unknown words and for parts that contradict each other
    """
    orders = {_ORDER_OF_WORD.get(word.strip()) for word in text.split("/")}
    order = orders.pop()
    if orders or order is None:
        raise LevelUnknown("the words name no one level of the national ladder")
    return order


def with_posts(levels: Collection[int]) -> frozenset[int]:
    """All orders that exist in an occupation.

    levels   orders of its certificate levels, as its standard has them
    returns  with 学徒工 below, and with 特级技师 and 首席技师 where the occupation has 高级技师
    """
    posts = POSTS if TOP_CERTIFICATE in levels else ()
    return frozenset((APPRENTICE, *levels, *posts)) if levels else frozenset()
