"""What rule books say and how they are evaluated: pure functions of published content and facts.

A plain module with `BOOK` is one kind of rule book and is found by looking; start with `contest.py`. Other plain
modules are what rules count with. Modules here import only the underscore files of `ledger.records`, whose kinds import
them in turn.
"""

import ledger.records  # noqa: F401  loaded first, whoever imports: its kinds may import any module here
