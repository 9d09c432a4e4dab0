"""What certificates share: a number that follows its rule, a date of issue, mostly an occupation and a level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._base import Scope, UniqueClaim
from ledger.records._codes import LEVEL_OF_CODE, LEVELS, OCCUPATION_SCHEME
from ledger.records._credential import Credential, Scored, midnight_seconds
from ledger.records._fields import CertificateText, CivilDate, LevelOrder, OccupationCode, Text, claim, disclosed
from ledger.records._identifiers import IDENTIFIER_KINDS, check_identifier
from ledger.records._outcome import FRAMEWORK, Framed
from ledger.records._shape import Derived, Shape, Slot
from ledger.records.errors import IdentifierRefused

OCCUPATION: Final[Shape] = {
    "scheme": Slot("occupation_scheme"),
    "code": Slot("occupation_code"),
    "name": Slot("occupation_name"),
    "trade": Slot("trade"),
}
"""Occupation and trade as they were called at issue, with the classification that the code is from."""


def level_code(order: int) -> str:
    """The code of a level as certificates print it, `L` and the order where the level has none."""
    return LEVELS[order].code or f"L{order}"


def level_name(record: Any) -> str:
    """Occupation and level in words: `电工（三级/高级工）`."""
    return f"{record.occupation_name}（{LEVELS[record.level_order].national_zh}）"


def level_path(record: Any) -> str:
    """Occupation and level as the end of an address."""
    return f"occupations/{record.occupation_code}/levels/{level_code(record.level_order)}"


def achievement(
    *, path: Callable[[Any], str], kind: str, name: Callable[[Any], str], title: str, criteria: Shape, **more: Shape
) -> Shape:
    """The Open Badges achievement of a certificate.

    path      its address below the issuer's
    kind      Open Badges achievement type; `Certification` is a level that the holder has reached
    name      what was achieved; title  what the document is called
    criteria  what had to be done
    more      members of our own
    """
    return {
        "id": Derived(lambda record: f"{record.issuer}/{path(record)}"),
        "type": ["Achievement"],
        "achievementType": kind,
        "name": Derived(name),
        "description": Derived(lambda record: f"{title}：{name(record)}"),
        "criteria": criteria,
        "inLanguage": "zh-CN",
        "qualificationLevel": FRAMEWORK,
        **more,
    }


def level_achievement(*, title: str, criteria: Shape, **more: Shape) -> Shape:
    """The Open Badges achievement of a certificate of a level in an occupation; arguments as for `achievement`."""
    return achievement(
        path=level_path,
        kind="Certification",
        name=level_name,
        title=title,
        criteria=criteria,
        humanCode=Derived(lambda record: f"{record.occupation_code}/{level_code(record.level_order)}"),
        levelOrder=Slot("level_order"),
        occupation=OCCUPATION,
        **more,
    )


def check_number(number: str, kinds: Sequence[str], *, issued_on: date, level_order: int) -> None:
    """A certificate number follows one of the rules, and its year and level are those of the certificate (DOMAIN §2.6).

    kinds   keys of `IDENTIFIER_KINDS`
    raises  IdentifierRefused (Refused)
    """
    kind = next((kind for kind in kinds if IDENTIFIER_KINDS[kind][0].fullmatch(number)), kinds[0])
    check_identifier(kind, number, on=date.max)
    match = IDENTIFIER_KINDS[kind][0].fullmatch(number)
    if match is None or int(match["year"]) != issued_on.year % 100:
        raise IdentifierRefused(kind, "year-differs")
    level = LEVEL_OF_CODE[match["level"]].order if "level" in match.re.groupindex else None
    if level != level_order if level is not None else level_order < 7:
        raise IdentifierRefused(kind, "level-differs")


class Certificate(Framed, Credential):
    """A document with a number and a date of issue; it may end."""

    NUMBERED_WITH: ClassVar[str | None] = None
    """The kind whose register of numbers it shares; its own where None."""

    issued_on: CivilDate = claim("发证日期", "date of issue")
    valid_until: CivilDate | None = claim("失效日期", "first day on which it no longer holds", None)
    certificate_number: CertificateText | None = disclosed("证书编号", "certificate number", required=True)

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.valid_until is not None and self.valid_until <= self.issued_on:
            raise PydanticCustomError("period", "valid_until is not after issued_on")
        return self

    def occurred_on(self) -> date:
        """The date of issue."""
        return self.issued_on

    def scope(self) -> Scope:
        """Kind and region, with occupation and level where the kind has them."""
        return Scope(self.KIND, self.field("occupation_code"), self.field("level_order"), self.region)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The certificate number, once for an issuer and kind; the kind's versions share their numbers."""
        if self.certificate_number is None:
            return ()
        return (UniqueClaim("certificate", (self.issuer, self.NUMBERED_WITH or self.KIND, self.certificate_number)),)

    def period(self) -> tuple[int | None, int | None]:
        """From the date of issue until `valid_until`."""
        until = None if self.valid_until is None else midnight_seconds(self.valid_until)
        return midnight_seconds(self.issued_on), until


class LevelCertificate(Certificate, Scored):
    """A certificate of a level in an occupation, with a number that says year and level."""

    NUMBER_KINDS: ClassVar[tuple[str, ...]]

    occupation_scheme: Text = claim("职业分类版本", "occupation scheme and version", OCCUPATION_SCHEME)
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation at issue")
    trade: Text | None = claim("工种", "trade", None)
    level_order: LevelOrder = claim("等级序号", "order of the level, 1 to 8")

    @model_validator(mode="after")
    def _check_number(self) -> Self:
        """学徒工 has no code in any numbering rule."""
        if self.certificate_number is not None and self.level_order > 1:
            try:
                check_number(
                    self.certificate_number,
                    self.NUMBER_KINDS,
                    issued_on=self.issued_on,
                    level_order=self.level_order,
                )
            except IdentifierRefused as error:
                raise PydanticCustomError(
                    "identifier-malformed", "certificate_number: {reason}", {"reason": error.reason}
                ) from None
        return self
