"""What becomes of a record that meets a defect of ours: it is refused as such, and no other record is held up."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from ledger.errors import Unforeseen

_log = logging.getLogger(__name__)


def unforeseen(defect: Exception) -> Unforeseen:
    """The answer to such a record. The log gets the defect's type and place, never its message: it may quote a person.

    defect  what was raised, with its traceback
    """
    last = traceback.extract_tb(defect.__traceback__)[-1:]
    place = f"{Path(last[0].filename).name}:{last[0].lineno}" if last else "-"
    _log.error("unforeseen %s at %s", type(defect).__qualname__, place)
    return Unforeseen("an unforeseen error; nothing of this record was stored. Tell the operator when it happened")
