"""The institutions of the demonstration: who they are and what the authority lets them certify. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ledger.records._identifiers import organisation_check, uscc_check

EMPLOYER, EVALUATION, TRAINING = "employer", "evaluation-body", "training-provider"
COLLEGE, CONTEST, BANK = "college", "contest-organiser", "credit-bank"
SUPERVISED: Final = "supervised"
"""A second evaluation body, which the authority suspends."""

PROVINCE: Final = "32"
TRADES: Final = ("4-02", "4-03", "4-10", "4-12", "6-02", "6-04", "6-18", "6-20", "6-28", "6-29", "6-31")
"""Leading segments of the occupations that are practised here."""

INDUSTRIAL: Final = ("6-18", "6-20", "6-28", "6-31")
"""Those that the employer practises and may certify itself."""

SCOPE_BEGINS: Final = "1980-01-01"


@dataclass(frozen=True, slots=True)
class Institution:
    """One made-up institution. `scopes` are the claims of its accreditations besides its code.

    role  what it is in the demonstration, one of a kind; type  what it is registered as
    """

    role: str
    type: str
    uscc: str
    name: str
    region: str
    scopes: tuple[dict[str, Any], ...]

    def issuer(self, base_url: str) -> str:
        """Its issuer id on the ledger at this address."""
        return f"{base_url}/issuers/{self.uscc}"

    @property
    def certificate_prefix(self) -> str:
        """First 13 characters of its certificate numbers (DOMAIN §2.6): class, body, province, serial of the body."""
        letter = "Y" if self.type == EMPLOYER else "S"
        return f"{letter}0000{PROVINCE}{int(self.uscc[12:16]):06}"


def credit_code(registration: str, region: str, serial: int) -> str:
    """A well-formed unified social credit code (GB 32100).

    registration  registering authority and category, such as `91` for an enterprise
    serial        four digits at most; makes the code one of its own
    """
    organisation = f"MA0D{serial:04}"
    body = registration + region + organisation + organisation_check(organisation)
    return body + uscc_check(body)


def _scope(kinds: list[str], occupations: list[str], levels: list[int], document: str) -> dict[str, Any]:
    return {
        "kinds": kinds,
        "occupations": occupations,
        "levels": levels,
        "regions": [PROVINCE],
        "period_from": SCOPE_BEGINS,
        "document": document,
    }


def _institution(
    *,
    role: str,
    registration: str,
    region: str,
    serial: int,
    name: str,
    scopes: tuple[dict[str, Any], ...],
    type_: str | None = None,
) -> Institution:
    return Institution(role, type_ or role, credit_code(registration, region, serial), name, region, scopes)


_ALL_LEVELS: Final = [1, 2, 3, 4, 5, 6, 7, 8]
_OF_EMPLOYERS: Final = [
    "activity-attested",
    "direct-recognition",
    "employment-attested",
    "employment-ended",
    "innovation-recognised",
    "mentoring-agreed",
    "mentoring-assessed",
    "mentoring-ended",
    "post-appointed",
    "post-ended",
    "protected-interruption",
]
_OF_SCHOOLS: Final = ["class-opened", "enrolment", "subsidy-claimed", "training-completion"]

INSTITUTIONS: Final = {
    one.role: one
    for one in (
        _institution(
            role=EMPLOYER,
            registration="91",
            region="320200",
            serial=101,
            name="示例重型装备集团有限公司",
            scopes=(
                _scope(["skill-certificate"], list(INDUSTRIAL), [2, 3, 4, 5, 6, 7, 8], "示例人社函〔1996〕18号"),
                _scope(["training-completion"], ["*"], _ALL_LEVELS, "示例人社函〔1996〕19号"),
                _scope(_OF_EMPLOYERS, ["*"], _ALL_LEVELS, "示例人社函〔2020〕6号"),
            ),
        ),
        _institution(
            role=EVALUATION,
            registration="52",
            region="320102",
            serial=102,
            name="示例市职业技能评价中心",
            scopes=(
                _scope(
                    ["skill-certificate", "vocational-qualification"],
                    list(TRADES),
                    [2, 3, 4, 5, 6],
                    "示例人社函〔1994〕7号",
                ),
                _scope(["contest-promotion"], list(TRADES), [3, 4, 5, 6], "示例人社函〔2020〕9号"),
            ),
        ),
        _institution(
            role=TRAINING,
            registration="52",
            region="320505",
            serial=103,
            name="示例长江职业培训学校",
            scopes=(_scope(_OF_SCHOOLS, ["*"], _ALL_LEVELS, "示例人社函〔1995〕32号"),),
        ),
        _institution(
            role=COLLEGE,
            registration="12",
            region="320300",
            serial=104,
            name="示例工业职业技术学院",
            scopes=(
                _scope(["training-completion"], ["*"], _ALL_LEVELS, "示例教函〔1998〕5号"),
                _scope(["credit-transfer"], ["*"], _ALL_LEVELS, "示例教函〔2021〕11号"),
            ),
        ),
        _institution(
            role=CONTEST,
            registration="51",
            region="320000",
            serial=105,
            name="示例省职业技能竞赛组织委员会",
            scopes=(
                _scope(["award", "contest-registered", "contest-result"], ["*"], _ALL_LEVELS, "示例人社发〔1999〕40号"),
            ),
        ),
        _institution(
            role=BANK,
            registration="12",
            region="320000",
            serial=106,
            name="示例省终身学习学分银行",
            scopes=(_scope(["credit-transfer"], ["*"], _ALL_LEVELS, "示例教发〔2021〕3号"),),
        ),
        _institution(
            role=SUPERVISED,
            type_=EVALUATION,
            registration="52",
            region="320900",
            serial=107,
            name="示例沿海技能评价服务中心",
            scopes=(_scope(["skill-certificate"], list(TRADES), [2, 3, 4, 5], "示例人社函〔2026〕41号"),),
        ),
    )
}
"""The seven institutions by their role."""
