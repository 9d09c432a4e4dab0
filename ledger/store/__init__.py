"""Where the log lives. `open_store` picks the engine by URL; a new engine is one file here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ledger.errors import NotFound, Refused, StoreNotEmpty
from ledger.log.merkle import EMPTY_ROOT, NodeReader
from ledger.log.tiles import tile_nodes, tile_width
from ledger.store._protocol import Recorder, ViewEngine
from ledger.store._tree import read_tile, tile_reader

SQLITE = "sqlite"
POSTGRES = "postgresql"


class StoreUrlUnknown(Refused):
    """The store's URL names no engine."""

    code = "store-url-unknown"


@dataclass(frozen=True)
class Store:
    """An opened store: the recorder, where views live, and reads that every engine shares."""

    url: str
    recorder: Recorder
    views: ViewEngine

    def last_published(self) -> tuple[int, bytes] | None:
        """Size and note of the newest stored checkpoint."""
        rows = self.recorder.rows("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1")
        return (rows[0][0], bytes(rows[0][1])) if rows else None

    def nodes(self, size: int) -> NodeReader:
        """Reads nodes of the tree of `size` leaves from stored tiles."""
        return tile_nodes(tile_reader(self.recorder.rows), size)

    def tile(self, level: int, n: int, width: int, *, size: int) -> bytes:
        """A tile of the tree of `size` leaves at a width that it has had.

        raises  NotFound when the tree has no such tile yet
        """
        if not 1 <= width <= tile_width(level=level, number=n, tree_size=size):
            raise NotFound(f"tile {level}/{n} of width {width}: not in a tree of {size} records")
        return read_tile(self.recorder.rows, level=level, number=n, width=width)

    def close(self) -> None:
        """Gives connections and locks back."""
        self.recorder.close()


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite:///path` URL: four slashes make the path absolute, and three do where only that folder
    exists.

    raises  StoreUrlUnknown
    """
    parts = urlsplit(url)
    if parts.scheme != SQLITE or parts.netloc or not parts.path.strip("/"):
        raise StoreUrlUnknown("expected sqlite:///path/file.db or postgresql://user@host:port/db")
    relative = Path(parts.path.removeprefix("/"))
    absolute = Path(parts.path)
    return relative if relative.parent.exists() or not absolute.parent.exists() else absolute


def open_store(url: str, *, writable: bool) -> Store:
    """The store at a URL.

    writable  True for the process that serves
    raises    StoreUrlUnknown, StoreNotInitialised, StoreLocked, OwnerMayNotServe (PostgreSQL, when writable)
    """
    scheme = urlsplit(url).scheme
    if scheme == SQLITE:
        from ledger.store.sqlite import open_sqlite

        embedded = open_sqlite(sqlite_path(url), writable=writable)
        return Store(url, embedded, embedded.views)
    if scheme in (POSTGRES, "postgres"):
        from ledger.store.postgres import check_service_role, open_postgres

        server = open_postgres(url)
        if writable:
            check_service_role(server)
        return Store(url, server, server)
    raise StoreUrlUnknown("expected sqlite:///path/file.db or postgresql://user@host:port/db")


def create_store(url: str, *, service_role: str, view_tables: Sequence[str]) -> None:
    """Creates tables, roles and the empty head: the database half of `init`, as the owner.

    raises  StoreUrlUnknown, StoreNotEmpty when the store holds a log
    """
    scheme = urlsplit(url).scheme
    if scheme == SQLITE:
        from ledger.store.sqlite import create_sqlite

        created = create_sqlite(sqlite_path(url), empty_root=EMPTY_ROOT, view_tables=view_tables)
    elif scheme in (POSTGRES, "postgres"):
        from ledger.store.postgres import create_postgres

        created = create_postgres(url, empty_root=EMPTY_ROOT, service_role=service_role, view_tables=view_tables)
    else:
        raise StoreUrlUnknown("expected sqlite:///path/file.db or postgresql://user@host:port/db")
    if not created:
        raise StoreNotEmpty("the store holds a log already; `init` never starts a second one")


__all__ = ["Store", "StoreUrlUnknown", "create_store", "open_store", "sqlite_path"]
