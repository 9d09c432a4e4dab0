"""The client of the skill ledger: submit and read over HTTP, verify without trusting the server.

Imports no server library (a test holds that).
"""

from __future__ import annotations

from api.client.http import AsyncLedgerClient, LedgerClient
from api.client.verify import verify

__all__ = ["AsyncLedgerClient", "LedgerClient", "verify"]
