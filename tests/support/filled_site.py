"""What a served site is filled with beside certificates: any kind's example, by any of its institutions or the authority."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ledger.clock import civil_date
from ledger.records import build_record, kind_class
from tests.support.served_site import AUTHORITY, INSTITUTIONS, Site

CENTRE, COLLEGE = INSTITUTIONS
"""Credit codes of the two institutions."""

PERSON = {"holder_name": "张三", "document_number": "320106190001020029"}


def accredit(site: Site, *kinds: str, uscc: str = CENTRE) -> None:
    """Lets an institution certify these kinds everywhere, for every occupation and level."""
    granted = {"uscc": uscc, "kinds": list(kinds), "occupations": ["*"], "levels": [1, 2, 3, 4, 5, 6, 7, 8]}
    granted |= {"regions": ["*"], "period_from": "2000-01-01", "document": "示例人社函〔2020〕1号"}
    site.by_authority("accreditation-granted", granted)


def add(site: Site, kind: str, *, by: str | None = CENTRE, **changes: Any) -> str:
    """Logs a kind's example with other fields; gives its record id. The views do not follow before `site.settle`.

    by  credit code of who signs; None for the authority
    """
    model = kind_class(kind)
    fields = {**model.EXAMPLE["claims"], **model.EXAMPLE["disclosed"]}
    if "institution_uscc" in fields and by is not None:
        fields |= {"institution_uscc": by, "institution_name": f"示例机构{by[-4:]}"}
    fields |= changes
    present = {name: value for name, value in fields.items() if value is not None}
    envelope = build_record(
        model.kind_name(),
        {name: value for name, value in present.items() if name not in model.DISCLOSED},
        {name: value for name, value in present.items() if name in model.DISCLOSED},
        issuer=AUTHORITY.issuer if by is None else INSTITUTIONS[by],
        signer=site.authority_signer if by is None else site.signers[by],
        clock_seconds=site.clock.now_seconds(),
        base_url=site.ledger.base_url,
    )
    return site.ledger.submit(envelope.to_bytes()).record_id


def person(number: int) -> dict[str, str]:
    """Name and citizen number of an invented person, born in 1900 so that nobody has the number."""
    body = f"32010619000102{number:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
    return {"holder_name": f"测试{number}", "document_number": body + check}


def today(site: Site, *, days: int = 0) -> str:
    """The site's civil date, some days later."""
    day: date = civil_date(site.clock.now_seconds()) + timedelta(days=days)
    return day.isoformat()


def certificate(site: Site, number: int, order: int = 4, **changes: Any) -> str:
    """A certificate of a level, 2 to 6, of today, for an invented person; gives its record id."""
    day = today(site)
    serial = f"S000032010001{day[2:4]}{7 - order}{next(site.numbers):06}"
    made = {"issued_on": day, "level_order": order, "certificate_number": serial, **person(number), **changes}
    return add(site, "skill-certificate", **made)
