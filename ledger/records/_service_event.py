"""What a worker does through the service: signed by the service's own key, about the subject it names.

The service knows who signed in by the ledger's own random id, so the record needs neither number nor name. The id
stands in clear; it says nothing to whoever has only the log.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from ledger.records._event import Event, dated
from ledger.records._fields import CivilDate, Pattern, claim
from ledger.records._shape import Shape, Slot

SubjectId = Annotated[str, Pattern("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
"""A worker's random UUID, lower case with hyphens."""

AuthenticatedBy = Literal["oidc", "card", "e-card", "counter"]
"""How a person was authenticated: sign-in service, social-security card, its electronic form, an official's counter."""


def service_shape(*, name: Shape, **body: Shape) -> Shape:
    """The shape of what a worker did through the service.

    name  what the archive calls it, in Chinese
    body  the kind's own members; every record it cites is written as `{"record": id}`
    """
    return dated(name=name, subject={"id": Slot("subject_id")}, authenticated={"by": Slot("authenticated_by")}, **body)


class ServiceEvent(Event):
    """An act of one worker, in that worker's stream. Its shape is made with `service_shape`."""

    PLACE: ClassVar[str] = "subject"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"service"})

    happened_on: CivilDate = claim("发生日期", "date on which it happened")
    subject_id: SubjectId = claim("劳动者编号", "the worker's id in this ledger")
    authenticated_by: AuthenticatedBy = claim("身份核验方式", "how the worker was authenticated")

    def occurred_on(self) -> date:
        """The date on which it happened."""
        return self.happened_on
