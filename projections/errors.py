"""Errors of the views. The three families stand in `keys.errors`."""

from __future__ import annotations

from keys.errors import Corrupt, Refused, Unavailable


class ViewUnknown(Refused):
    """No file in `projections/` defines a view of this name, or `init` has not created its tables."""

    code = "view-unknown"


class ViewBehind(Unavailable):
    """A view has not reached the asked-for size in the time allowed: ask again."""

    code = "view-behind"


class RowInvalid(Corrupt):
    """A fold gave a row change that does not fit its table: a defect of the view, never of the record."""

    code = "row-invalid"


class ViewContended(Unavailable):
    """Another version of the program is rebuilding the same view: wait until it has ended."""

    code = "view-contended"


class StatusPurposeUnknown(Refused):
    """A status list is for revocation or for suspension."""

    code = "status-purpose-unknown"
