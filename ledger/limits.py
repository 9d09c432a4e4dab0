"""Every bound of the ledger, in one place. Units stand last in the names."""

from typing import Final

ENVELOPE_BYTES_MAX: Final = 32 * 1024
"""One envelope with all its disclosures (DESIGN §15, threat T11)."""

JSON_DEPTH_MAX: Final = 16
JSON_NODES_MAX: Final = 2_000
INTEGER_MAX: Final = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly (RFC 7493 §2.2)."""

SALT_BYTES_MIN: Final = 16
ISSUER_CHARS_MAX: Final = 200
THUMBPRINT_CHARS: Final = 43
DISCLOSURES_MAX: Final = 64

BATCH_BYTES_MAX: Final = 32 * 1024 * 1024
BATCH_LINES_MAX: Final = 5_000
GROUP_RECORDS_MAX: Final = 64

COMMIT_RECORDS_MAX: Final = 1_000
"""Records that one transaction takes from the queue."""

QUEUE_RECORDS_MAX: Final = 20_000
"""Waiting records above which `submit` answers `overloaded` at once."""

TREE_LEAVES_MAX: Final = 2**53 - 1
TILE_HEIGHT: Final = 8
TILE_HASHES: Final = 256
HASH_BYTES: Final = 32

CLOCK_SKEW_SECONDS_MAX: Final = 300
LATE_WORKING_DAYS_MAX: Final = 10
STATUS_LIST_ENTRIES: Final = 131_072
"""Smallest list the W3C allows: 16 KiB uncompressed."""

STATUS_LIST_BYTES_MAX: Final = 8 * 1024 * 1024
CODE_CHARS: Final = 16
SNAPSHOT_AGE_HOURS_MAX: Final = 24
