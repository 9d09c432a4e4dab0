"""A mapping that never changes, where adding one entry costs the same few microseconds for ten entries or a million."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_BUCKETS: Final = 1024


class PersistentMap(Mapping[K, V], Generic[K, V]):
    """Buckets of ordinary dicts; `with_item` copies one bucket and the row of buckets, and shares the rest."""

    __slots__ = ("_buckets", "_length")

    def __init__(self) -> None:
        self._buckets: tuple[dict[K, V], ...] = ({},) * _BUCKETS
        self._length = 0

    def with_item(self, key: K, value: V) -> PersistentMap[K, V]:
        """The same mapping with one entry added or replaced."""
        place = hash(key) % _BUCKETS
        bucket = self._buckets[place]
        changed: PersistentMap[K, V] = PersistentMap.__new__(PersistentMap)
        changed._buckets = (*self._buckets[:place], {**bucket, key: value}, *self._buckets[place + 1 :])
        changed._length = self._length + (key not in bucket)
        return changed

    def __getitem__(self, key: K) -> V:
        return self._buckets[hash(key) % _BUCKETS][key]

    def __iter__(self) -> Iterator[K]:
        for bucket in self._buckets:
            yield from bucket

    def __len__(self) -> int:
        return self._length

    def __reduce__(self) -> tuple[object, ...]:
        """Entries, not buckets: another process hashes text differently."""
        return _from_items, (dict(self),)

    def __repr__(self) -> str:
        return f"PersistentMap({self._length} entries)"


def _from_items(items: Mapping[K, V]) -> PersistentMap[K, V]:
    made: PersistentMap[K, V] = PersistentMap()
    for key, value in items.items():
        made = made.with_item(key, value)
    return made
