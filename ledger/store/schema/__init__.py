"""The tables of the ledger, written once for both engines.

`{blob}` and `{uuid}` are the engine's column types. No uniqueness, foreign key or sequence reaches across rows that a
distributed PostgreSQL would place on different machines: each key stands alone in a table distributed by that key.

    events        one row a record: the exact signed bytes, sealed disclosures. Never updated, never deleted
    log_head      one row: size, root and compact range of the Merkle log. Locked by each append
    tiles         256 hashes a row; level 0 when full, higher levels also while they grow
    records       record id -> index, and the hash of the whole envelope, to tell a repeat from a variant
    uniques       blind index of anything that may be used once -> index of the record that owns it
    subjects      a worker: random id, blind index of the first recorded name, the subject it was merged into, and the
                  indexes of the records that restricted and erased it
    names         blind indexes of a worker's further names
    aliases       blind index of a card or document number -> subject, and the last day on which it stands for them
    data_keys     wrapped data key of a subject and retention class
    checkpoints   published checkpoints with their cosignatures
    registry      the indexes of registry records: what a start has to fold
    lookups       blind index of certificate number and name -> index; several records may share one
"""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS log_head (
        id SMALLINT PRIMARY KEY, size BIGINT NOT NULL, root {blob} NOT NULL, frontier {blob} NOT NULL,
        registry_size BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS tiles (
        level SMALLINT NOT NULL, n BIGINT NOT NULL, hashes {blob} NOT NULL, PRIMARY KEY (level, n))""",
    """CREATE TABLE IF NOT EXISTS records (
        record_id {blob} PRIMARY KEY, log_index BIGINT NOT NULL, envelope_hash {blob} NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS uniques (unique_key {blob} PRIMARY KEY, log_index BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS registry (log_index BIGINT PRIMARY KEY)",
    """CREATE TABLE IF NOT EXISTS subjects (
        subject {uuid} PRIMARY KEY, name_key {blob} NOT NULL, merged_into {uuid}, restricted_at BIGINT,
        erased_at BIGINT)""",
    "CREATE INDEX IF NOT EXISTS subjects_merged ON subjects (merged_into) WHERE merged_into IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS subjects_erased ON subjects (erased_at) WHERE erased_at IS NOT NULL",
    """CREATE TABLE IF NOT EXISTS names (
        subject {uuid} NOT NULL, name_key {blob} NOT NULL, PRIMARY KEY (subject, name_key))""",
    "CREATE TABLE IF NOT EXISTS aliases (alias {blob} PRIMARY KEY, subject {uuid} NOT NULL, last_day TEXT)",
    """CREATE TABLE IF NOT EXISTS data_keys (
        subject {uuid} NOT NULL, retention TEXT NOT NULL, key_id {blob} NOT NULL, wrapped {blob} NOT NULL,
        PRIMARY KEY (subject, retention))""",
    "CREATE TABLE IF NOT EXISTS checkpoints (size BIGINT PRIMARY KEY, note {blob} NOT NULL)",
    """CREATE TABLE IF NOT EXISTS lookups (
        lookup_key {blob} NOT NULL, log_index BIGINT NOT NULL, PRIMARY KEY (lookup_key, log_index))""",
)

POSTGRES_EVENTS: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS events (
        originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL,
        notification_id bigint NOT NULL, PRIMARY KEY (originator_id, originator_version))""",
    "CREATE INDEX IF NOT EXISTS events_by_notification_id ON events (notification_id)",
    # Signed bytes do not compress, and a record of a few kilobytes fits a page: keep it in the row.
    "ALTER TABLE events ALTER COLUMN state SET STORAGE MAIN",
    "ALTER TABLE events SET (toast_tuple_target = 8160)",
)

SQLITE_EVENTS: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS events (
        originator_id TEXT NOT NULL, originator_version INTEGER NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL,
        notification_id INTEGER PRIMARY KEY, UNIQUE (originator_id, originator_version))""",
)

SERVICE_GRANTS: tuple[str, ...] = (
    "GRANT SELECT, INSERT ON events, records, registry, lookups, names, checkpoints TO {role}",
    "GRANT SELECT, INSERT, UPDATE ON log_head, tiles, uniques, data_keys, aliases, subjects TO {role}",
)
"""What the service role may do. Nobody but the owner may change or delete an event."""

ERASER_GRANTS: tuple[str, ...] = (
    "GRANT {service} TO {role}",
    "GRANT DELETE ON data_keys, aliases, names, lookups TO {role}",
    "GRANT UPDATE (envelope_hash) ON records TO {role}",
)
"""What the role of `skill-ledger erase` may do besides."""

ERASER_SUFFIX = "_eraser"
"""The eraser role's name is the service role's with this at the end."""

READ_REGISTRY = """SELECT e.originator_id, e.originator_version, e.topic, e.state, e.notification_id
    FROM registry r JOIN events e ON e.notification_id = r.log_index + 1
    WHERE r.log_index > ? AND r.log_index < ? ORDER BY r.log_index"""
