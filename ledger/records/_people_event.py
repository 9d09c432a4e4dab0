"""What the kinds share that say who is who: a registered body or the authority speaks of a worker it has seen."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.records._event import PersonEvent, person_shape
from ledger.records._fields import Text, claim
from ledger.records._shape import Derived, Shape, Slot

Method = Literal["card", "e-card", "id-reader", "police-data", "counter-four-eyes"]
"""How an official convinced themselves: card or electronic card read, document reader, police data, two officials."""


def people_shape(title: str, **body: Shape) -> Shape:
    """The shape of an event about who is who.

    title  what the archive calls it, in Chinese
    """
    return person_shape(
        name=Derived(lambda _: title),
        verified={"by": Slot("verified_by"), "document": Slot("document")},
        **body,
    )


class PeopleEvent(PersonEvent):
    """An event about who somebody is. `document_number` and `holder_name` are those that are recorded already."""

    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})

    verified_by: Method = claim("核验方式", "how the identity was verified")
    document: Text | None = claim("文件号", "decision document", None)
