"""How much of a name or number a stranger sees: enough to compare with the card in hand, too little to learn it."""

from __future__ import annotations

from typing import Final

_SHOWN: Final = 4


def mask_name(name: str) -> str:
    """The first and the last character of a name: 张*丰, 张*; a name of one character is hidden.

    name    as recorded, any script
    raises  nothing
    """
    if len(name) < 2:
        return "*"
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_number(number: str) -> str:
    """The first and the last four characters of a number; at most half of a shorter one.

    number  of a card, document or certificate
    raises  nothing
    """
    shown = min(_SHOWN, len(number) // 4)
    if shown == 0:
        return "*" * len(number)
    return number[:shown] + "*" * (len(number) - 2 * shown) + number[-shown:]
