"""What every endpoint needs, built once per application and reached through the request. Nothing here is global."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from starlette.requests import Request

if TYPE_CHECKING:
    from api.metrics import Metrics
    from api.security import Rates
    from api.settings import Settings
    from api.signin import SignIn
    from api.statuslists import StatusLists
    from api.verification import Verifier
    from ledger.clock import Clock
    from ledger.service import Ledger


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one server. `pool` runs what blocks on behalf of the raw endpoints."""

    ledger: Ledger
    settings: Settings
    clock: Clock
    sign_in: SignIn
    rates: Rates
    metrics: Metrics
    verifier: Verifier
    status_lists: StatusLists
    pool: ThreadPoolExecutor


def services(request: Request) -> Services:
    """The parts of the server that this request reached."""
    return cast(Services, request.app.state.services)
