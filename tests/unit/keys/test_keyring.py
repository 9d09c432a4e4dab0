"""Goal: at every index it is certain which key spoke. Method: tables at the edges, properties, a naive model, planted bugs.

Indices of the table: the key is registered at 10, revoked at 50, suspect since 30; the new key is registered at 51.
"""

from __future__ import annotations

import dataclasses
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import keyring as module
from keys._persistent import PersistentMap
from keys.errors import KeyAlreadyRegistered, KeyNotAuthorised
from keys.keyring import Key, Keyring

A, B = "https://a.example.cn", "https://b.example.cn"


def key(name: str, *, at: int, issuer: str = A, use: str = "records") -> Key:
    return Key(kid=name, issuer=issuer, alg="Ed25519", public=name.encode(), use=use, registered_at=at)


@pytest.fixture
def ring() -> Keyring:
    """`old` is compromised; `new` took its place; `second` is as old as `old`; `other` is another issuer's."""
    ring = Keyring().register(key("old", at=10)).register(key("second", at=11)).register(key("other", at=12, issuer=B))
    ring = ring.register(key("desk", at=13, use="service"))
    ring = ring.revoke("old", at=50, suspect_since=30).register(key("new", at=51))
    return ring.register(key("new other", at=51, issuer=B)).register(key("new desk", at=51, use="service"))


@pytest.mark.parametrize(
    ("index", "speaks", "standing"),
    [
        (0, False, "fail"),
        (10, False, "fail"),
        (11, True, "pass"),
        (29, True, "pass"),
        (30, True, "under_review"),
        (49, True, "under_review"),
        (50, False, "fail"),
        (51, False, "fail"),
    ],
)
def test_edges(ring, index, speaks, standing):
    assert ring.standing_of("old", index=index) == standing
    if speaks:
        ring.check_may_speak("old", issuer=A, index=index)
    else:
        with pytest.raises(KeyNotAuthorised):
            ring.check_may_speak("old", issuer=A, index=index)


def test_refusals_to_speak(ring):
    for kid, issuer, use in [
        ("nobody", A, None),
        ("old", B, None),
        ("other", A, None),
        ("desk", A, "records"),
        ("new", A, "service"),
    ]:
        with pytest.raises(KeyNotAuthorised):
            ring.check_may_speak(kid, issuer=issuer, index=49 if kid == "old" else 60, use=use)
    ring.check_may_speak("desk", issuer=A, index=60, use="service")
    ring.check_may_speak("desk", issuer=A, index=60)
    assert ring.standing_of("nobody", index=1) == "fail"


def test_reading(ring):
    assert [entry.kid for entry in ring.of_issuer(A)] == ["old", "second", "desk", "new", "new desk"]
    assert ring.of_issuer("https://c.example.cn") == []
    assert ring.find("nobody") is None
    assert ring.find("old").revoked_at == 50


def test_a_keyring_never_changes(ring):
    before = (dict(ring.keys), dict(ring.kids_by_issuer), dict(ring.confirmations))
    ring.register(key("more", at=60))
    ring.revoke("new", at=70, suspect_since=0)
    ring.confirm("old", record_index=30, by="new", at=52)
    assert (ring.keys, ring.kids_by_issuer, ring.confirmations) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        ring.find("new").revoked_at = 1


@pytest.mark.parametrize("kid", ["old", "new"])
def test_a_key_is_registered_once(ring, kid):
    with pytest.raises(KeyAlreadyRegistered):
        ring.register(key(kid, at=99))


@pytest.mark.parametrize(
    ("kid", "at", "since"),
    [
        pytest.param("nobody", 60, None, id="unknown"),
        pytest.param("new", 51, None, id="at its registration"),
        pytest.param("new", 50, None, id="before its registration"),
        pytest.param("new", 60, 61, id="suspect after the revocation"),
        pytest.param("new", 60, -1, id="negative"),
    ],
)
def test_revoke_refuses(ring, kid, at, since):
    with pytest.raises(KeyNotAuthorised):
        ring.revoke(kid, at=at, suspect_since=since)


@pytest.mark.parametrize("since", [0, 60])
def test_the_suspect_index_may_be_any_up_to_the_revocation(ring, since):
    assert ring.revoke("new", at=60, suspect_since=since).find("new").suspect_since == since


def test_a_later_revocation_only_widens():
    ring = Keyring().register(key("k", at=1)).revoke("k", at=20)
    assert ring.standing_of("k", index=19) == "pass", "an orderly end leaves the past alone"
    ring = ring.revoke("k", at=30, suspect_since=10)
    assert (ring.find("k").revoked_at, ring.find("k").suspect_since) == (20, 10)
    ring = ring.revoke("k", at=40, suspect_since=15).revoke("k", at=41)
    assert (ring.find("k").revoked_at, ring.find("k").suspect_since) == (20, 10)


def test_confirmation_with_a_new_key(ring):
    ring = ring.confirm("old", record_index=30, by="new", at=52)
    assert ring.standing_of("old", index=30) == "pass"
    assert ring.standing_of("old", index=31) == "under_review", "one confirmation is for one record"


CONFIRMATIONS = [
    ("unknown suspect", {"kid": "nobody"}),
    ("unknown confirming key", {"by": "nobody"}),
    ("key that is not suspect", {"kid": "second"}),
    ("record before the suspect index", {"record_index": 29}),
    ("record after the revocation", {"record_index": 50}),
    ("by the suspect key itself", {"by": "old", "at": 49}),
    ("by another issuer", {"by": "new other"}),
    ("by a key of another use", {"by": "new desk"}),
    ("by a key older than the compromise", {"by": "second"}),
    ("at the registration of the new key", {"at": 51}),
    ("before the record", {"record_index": 40, "at": 40}),
]


@pytest.mark.parametrize(("why", "change"), CONFIRMATIONS, ids=[row[0] for row in CONFIRMATIONS])
def test_confirm_refuses(ring, why, change):
    arguments = {"kid": "old", "record_index": 30, "by": "new", "at": 52, **change}
    kid = arguments.pop("kid")
    with pytest.raises(KeyNotAuthorised):
        ring.confirm(kid, **arguments)


def test_what_a_compromised_key_confirmed_is_in_doubt_again(ring):
    ring = ring.confirm("old", record_index=30, by="new", at=52).confirm("old", record_index=31, by="new", at=60)
    ring = ring.revoke("new", at=70, suspect_since=55).register(key("third", at=71))
    assert ring.standing_of("old", index=30) == "pass", "confirmed before the second compromise"
    assert ring.standing_of("old", index=31) == "under_review"
    ring = ring.confirm("new", record_index=60, by="third", at=72)
    assert ring.standing_of("old", index=31) == "pass", "the confirmation itself was confirmed"


def test_new_means_registered_after_the_compromise():
    """A routine rotation between compromise and discovery gives a new key; one before the compromise does not."""
    ring = Keyring().register(key("old", at=1)).register(key("mid", at=20))
    later = ring.revoke("old", at=50, suspect_since=21)
    with pytest.raises(KeyNotAuthorised):
        later.confirm("old", record_index=30, by="mid", at=51)
    with pytest.raises(KeyNotAuthorised):
        ring.revoke("old", at=50, suspect_since=10).confirm("old", record_index=30, by="mid", at=30)
    for since in (20, 10):
        early = ring.revoke("old", at=50, suspect_since=since).confirm("old", record_index=30, by="mid", at=51)
        assert early.standing_of("old", index=30) == "pass"
    assert early.revoke("old", at=60, suspect_since=2).standing_of("old", index=30) == "pass", (
        "a suspect index only falls"
    )


def _always(*_, **__) -> bool:
    return True


def _never(*_, **__) -> None:
    pass


@pytest.mark.parametrize(
    ("guard", "bug"),
    [
        pytest.param("_stands", _always, id="confirmations are never doubted"),
        pytest.param("check_may_confirm", _never, id="anyone may confirm"),
    ],
)
def test_planted_bug_lets_a_thief_clear_itself(ring, monkeypatch, guard, bug):
    """Whoever stole `old` signs a confirmation with `old`; or steals `new` too and confirms with that."""

    def cleared() -> bool:
        try:
            thief = ring.confirm("old", record_index=30, by="old", at=49)
        except KeyNotAuthorised:
            thief = ring.confirm("old", record_index=30, by="new", at=60).revoke("new", at=70, suspect_since=55)
        return thief.standing_of("old", index=30) == "pass"

    assert not cleared()
    if guard == "check_may_confirm":
        monkeypatch.setattr(Keyring, "_stands", _always)
    monkeypatch.setattr(Keyring, guard, bug)
    assert cleared()


def test_planted_bug_at_the_edges(ring, monkeypatch):
    """A key that speaks at its own registration index would vouch for itself."""
    monkeypatch.setattr(
        module.Key, "speaks_at", lambda self, index: self.registered_at <= index <= (self.revoked_at or index)
    )
    ring.check_may_speak("old", issuer=A, index=10)
    ring.check_may_speak("old", issuer=A, index=50)


@given(st.lists(st.tuples(st.one_of(st.integers(-5, 5000), st.text(max_size=2)), st.integers())))
def test_persistent_map_is_a_dict_that_never_changes(items):
    expected: dict = {}
    made: PersistentMap = PersistentMap()
    for name, value in items:
        before, copy = made, dict(made)
        made = made.with_item(name, value)
        expected[name] = value
        assert dict(before) == copy
    assert made == expected
    assert len(made) == len(expected)
    assert made.get("absent" * 3) is None
    assert pickle.loads(pickle.dumps(made)) == expected


# A naive model: replay the whole list for every question


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), st.integers(0, 4)),
        st.tuples(st.just("revoke"), st.integers(0, 4), st.one_of(st.none(), st.integers(0, 20))),
        st.tuples(st.just("confirm"), st.integers(0, 4), st.integers(0, 20), st.integers(0, 4)),
    ),
    max_size=20,
)


class Model:
    """Lists and loops only."""

    def __init__(self) -> None:
        self.steps: list[tuple] = []

    def registered(self, k):
        return next((at for at, step in self.steps if step[0] == "register" and step[1] == k), None)

    def revocations(self, k):
        return [(at, step[2]) for at, step in self.steps if step[0] == "revoke" and step[1] == k]

    def since(self, k):
        return min((s for _, s in self.revocations(k) if s is not None), default=None)

    def standing(self, k, index):
        start = self.registered(k)
        end = min((at for at, _ in self.revocations(k)), default=None)
        if start is None or index <= start or (end is not None and index >= end):
            return "fail"
        since = self.since(k)
        if since is None or index < since:
            return "pass"
        for at, step in self.steps:
            if step[0] == "confirm" and step[1:3] == (k, index) and self.standing(step[3], at) == "pass":
                return "pass"
        return "under_review"


@given(STEPS)
def test_agrees_with_the_model(steps):
    ring, model = Keyring(), Model()
    for at, step in enumerate(steps):
        try:
            if step[0] == "register":
                ring = ring.register(key(str(step[1]), at=at))
            elif step[0] == "revoke":
                ring = ring.revoke(str(step[1]), at=at, suspect_since=step[2])
            else:
                ring = ring.confirm(str(step[1]), record_index=step[2], by=str(step[3]), at=at)
        except (KeyAlreadyRegistered, KeyNotAuthorised):
            continue
        model.steps.append((at, step))
        for name in range(5):
            for index in range(len(steps) + 1):
                assert ring.standing_of(str(name), index=index) == model.standing(name, index)
                may = ring.find(str(name)) is not None and ring.find(str(name)).speaks_at(index)
                assert may == (model.standing(name, index) != "fail")
