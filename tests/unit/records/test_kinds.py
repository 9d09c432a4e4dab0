"""Goal: every kind builds from its example, reads back to the same record, and takes nothing else. Method: all kinds, all
single changes of their payloads, and Hypothesis for the fields people fill in.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.algorithms import algorithm
from keys.custody import signer_from_private
from ledger.errors import Refused, SchemaInvalid, UnknownKind
from ledger.records import KINDS, build_record, kind_class, kind_of, parse_record
from ledger.records._base import KINDS_URL
from ledger.wire.disclosure import Hidden, conceal
from ledger.wire.envelope import Envelope, disclose, sign_envelope

ISSUER = "https://osta.example.cn/issuers/3201"
NOW = 1790000000
ED25519 = algorithm("Ed25519")
SIGNER = signer_from_private("Ed25519", ED25519.load_private(bytes(range(32))))
PERSONAL = (
    "张三",
    "320106190001020029",
    "S000032010001263000123",
    "PX-2026-0017-003",
    "RY-2026-0009",
    "XF-00000001",
    "91.5",
    "示例：信息录入错误",
)


def build(kind: str, claims: dict[str, Any] | None = None, disclosed: dict[str, Any] | None = None) -> Envelope:
    example = kind_class(kind).EXAMPLE
    return build_record(
        kind,
        {**example["claims"], **(claims or {})},
        {**example["disclosed"], **(disclosed or {})},
        issuer=ISSUER,
        signer=SIGNER,
        clock_seconds=NOW,
        base_url="https://ledger.example.cn",
    )


def sign_again(tree: dict[str, Any], *, typ: str) -> Envelope:
    payload, disclosures = conceal(tree)
    return sign_envelope(payload, disclosures, typ=typ, issuer=ISSUER, signer=SIGNER)


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_example_reads_back(self, kind: str) -> None:
        envelope = build(kind)
        record = parse_record(envelope)
        assert record.kind == kind == kind_of(envelope.payload)
        assert conceal(record.to_payload())[0].keys() == envelope.payload.keys()
        for name, value in KINDS[kind].EXAMPLE["disclosed"].items():
            assert getattr(record, name) == value
        for name, value in KINDS[kind].EXAMPLE["claims"].items():
            found = getattr(record, name)
            assert (
                found.isoformat() if hasattr(found, "isoformat") else list(found) if isinstance(found, tuple) else found
            ) == value

    def test_payload_holds_nothing_personal(self, kind: str) -> None:
        text = json.dumps(build(kind).payload, ensure_ascii=False)
        assert not [value for value in PERSONAL if value in text]

    def test_reads_without_disclosures(self, kind: str) -> None:
        envelope = build(kind)
        record = parse_record(envelope.with_disclosures([]))
        assert record.person() is None
        assert all(getattr(record, name) is None for name in record.DISCLOSED)
        assert record.uid == parse_record(envelope).uid

    def test_reads_with_each_single_disclosure(self, kind: str) -> None:
        envelope = build(kind)
        for disclosure in envelope.disclosures:
            parse_record(envelope.with_disclosures([disclosure]))

    def test_has_one_digest_a_personal_value(self, kind: str) -> None:
        envelope = build(kind)
        assert len(envelope.digests) == len(KINDS[kind].EXAMPLE["disclosed"])

    def test_schemas_accept_the_example_and_its_payload(self, kind: str) -> None:
        model = KINDS[kind]
        jsonschema_rs.validator_for(model.json_schema()).validate(dict(model.EXAMPLE))
        jsonschema_rs.validator_for(model.payload_schema()).validate(disclose(build(kind)))
        assert model.json_schema()["x-disclosures"] == list(model.DISCLOSED)
        for name, schema in model.json_schema()["properties"]["claims"]["properties"].items():
            assert schema["x-label"].keys() == {"zh", "en"}, name

    def test_refuses_any_other_payload(self, kind: str) -> None:
        """Whatever is added, taken away or replaced in the payload is refused or makes another record."""
        model = KINDS[kind]
        original = parse_record(build(kind))
        for why, tree in damaged(original.to_payload()):
            try:
                found = parse_record(sign_again(tree, typ=model.TYP))
            except Refused:
                continue
            assert found != original, why

    def test_refuses_the_other_typ(self, kind: str) -> None:
        other = "vc+sd-jwt" if KINDS[kind].TYP != "vc+sd-jwt" else "vnd.skill-ledger.event+sd-jwt"
        with pytest.raises(Refused) as caught:
            parse_record(sign_again(parse_record(build(kind)).to_payload(), typ=other))
        assert caught.value.code == "header-invalid"

    def test_messages_never_echo_a_value(self, kind: str) -> None:
        for name in (*KINDS[kind].EXAMPLE["claims"], *KINDS[kind].EXAMPLE["disclosed"]):
            part = "disclosed" if name in KINDS[kind].DISCLOSED else "claims"
            with pytest.raises(Refused) as caught:
                build(kind, **{part: {name: {"zzz-secret": "zzz-secret"}}})
            assert "zzz-secret" not in str(caught.value)
            assert f"/{part}/{name}" in str(caught.value) or caught.value.code == "bad-key"

    def test_unknown_and_misplaced_fields_are_named(self, kind: str) -> None:
        with pytest.raises(SchemaInvalid, match="/claims/colour"):
            build(kind, claims={"colour": "red"})
        for name in KINDS[kind].DISCLOSED:
            with pytest.raises(SchemaInvalid, match=f"/claims/{name}"):
                build(kind, claims={name: "x"})

    def test_required_disclosures_are_demanded(self, kind: str) -> None:
        for name in KINDS[kind].REQUIRED:
            with pytest.raises(SchemaInvalid, match=f"/disclosed/{name}"):
                build(kind, disclosed={name: None})


def damaged(tree: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every tree that differs in one place: a member taken away, added, or replaced."""
    for place in list(paths(tree)):
        for why, change in (("gone", None), ("replaced", "zzz"), ("empty", {}), ("null", "null")):
            copied = copy.deepcopy(tree)
            node: Any = copied
            for step in place[:-1]:
                node = node[step]
                node = node.value if isinstance(node, Hidden) else node
            if why == "gone":
                del node[place[-1]]
            else:
                node[place[-1]] = None if change == "null" else change
            yield f"{why} {place}", copied
        shown = copy.deepcopy(tree)
        node = shown
        for step in place[:-1]:
            node = node[step]
            node = node.value if isinstance(node, Hidden) else node
        if isinstance(node[place[-1]], Hidden):
            node[place[-1]] = node[place[-1]].value
            yield f"shown {place}", shown
    yield "added", {**tree, "zzz": 1}


def paths(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    node = node.value if isinstance(node, Hidden) else node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from paths(value, (*at, key))


def test_a_shown_name_is_refused() -> None:
    """The planted bug of this file: a personal value outside a disclosure must never read as a record."""
    record = parse_record(build("skill-certificate"))
    tree = copy.deepcopy(record.to_payload())
    tree["credentialSubject"]["identifier"][0] = tree["credentialSubject"]["identifier"][0].value
    with pytest.raises(SchemaInvalid):
        parse_record(sign_again(tree, typ=record.TYP))


def test_a_second_digest_for_a_decoy_is_refused() -> None:
    record = parse_record(build("award"))
    tree = copy.deepcopy(record.to_payload())
    tree["credentialSubject"]["note"] = Hidden("anything")
    _payload, disclosures = conceal(tree)
    kept = [item for item in disclosures if item.name != "note"]
    envelope = sign_again(tree, typ=record.TYP).with_disclosures([])
    assert len(envelope.digests) == len(kept) + 1
    with pytest.raises(SchemaInvalid):
        parse_record(envelope)


def test_kid_of_another_issuer_is_refused() -> None:
    record = parse_record(build("award"))
    payload, disclosures = conceal(record.to_payload())
    foreign = sign_envelope(payload, disclosures, typ=record.TYP, issuer="https://other.example.cn/1", signer=SIGNER)
    with pytest.raises(Refused) as caught:
        parse_record(foreign)
    assert caught.value.code == "header-invalid"


UNKNOWN = [
    ("no kind", {}),
    ("both", {"vct": KINDS_URL + "award/1", "evt": KINDS_URL + "award/1"}),
    ("elsewhere", {"evt": "https://evil.example/kinds/award/1"}),
    ("number", {"evt": 1}),
    ("list", {"vct": [KINDS_URL]}),
    ("version 2", {"evt": KINDS_URL + "revocation/2"}),
    ("without version", {"evt": KINDS_URL + "revocation"}),
    ("path", {"evt": KINDS_URL + "../../x"}),
]


@pytest.mark.parametrize(("why", "payload"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_unknown_kinds_are_refused(why: str, payload: dict[str, Any]) -> None:
    with pytest.raises(UnknownKind):
        parse_record(sign_again({"iss": ISSUER, **payload}, typ="vnd.skill-ledger.event+sd-jwt"))


def test_kind_class_takes_the_newest_version() -> None:
    assert kind_class("award") is KINDS["award/2"]
    assert kind_class("award/1") is KINDS["award/1"]
    with pytest.raises(UnknownKind):
        kind_class("award/3")


def test_building_is_reproducible_with_a_given_randomness() -> None:
    def one() -> bytes:
        source = random.Random(7)
        example = KINDS["award/1"].EXAMPLE
        return build_record(
            "award",
            example["claims"],
            example["disclosed"],
            issuer=ISSUER,
            signer=SIGNER,
            clock_seconds=NOW,
            base_url="https://ledger.example.cn",
            rng=source.randbytes,
        ).to_bytes()

    assert one() == one()


def test_status_places_stay_inside_the_lists() -> None:
    places = set()
    example = KINDS["award/1"].EXAMPLE
    for seed in range(64):
        envelope = build_record(
            "award",
            example["claims"],
            example["disclosed"],
            issuer=ISSUER,
            signer=SIGNER,
            clock_seconds=NOW,
            base_url="https://ledger.example.cn/",
            status_lists=2,
            list_size=4,
            rng=random.Random(seed).randbytes,
        )
        place = parse_record(envelope).status_place()
        assert place is not None
        places.add((place.list_number, place.index))
        assert [entry["statusListIndex"] for entry in envelope.payload["credentialStatus"]] == [str(place.index)] * 2
        assert place.list_url.startswith("https://ledger.example.cn/status/52320102MJ000000XG/")
    assert places == {(number, index) for number in (1, 2) for index in range(4)}


names = st.text("张王李赵一二三四·阿依古丽", min_size=1, max_size=30).filter(lambda text: text == text.strip())
dates = st.dates(min_value=date(1950, 1, 1), max_value=date(2026, 9, 21)).map(lambda day: day.isoformat())


claims_of_certificates = st.fixed_dictionaries(
    {
        "certificate_kind": st.just("SPECIAL_ABILITY"),
        "occupation_code": st.sampled_from(["6-31-01-03", "6-18-01-01", "4-02-07-08", "6-99-99-99"]),
        "occupation_name": names,
        "level_order": st.integers(1, 8),
        "issued_on": dates,
        "region": st.sampled_from(["320102", "110103", "130171"]),
        "late": st.sampled_from([None, "historical-import"]),
        "evidence": st.none()
        | st.lists(st.from_regex("[0-9a-f]{64}", fullmatch=True), min_size=1, max_size=3, unique=True),
    }
)


@settings(max_examples=40)
@given(names, claims_of_certificates)
def test_certificates_round_trip(name: str, claims: dict[str, Any]) -> None:
    envelope = build("skill-certificate/1", claims, {"holder_name": name, "scores": None})
    record = parse_record(envelope)
    person = record.person()
    assert person is not None
    assert person.name == name
    assert record.occurred_on().isoformat() == claims["issued_on"]
    assert record.reads() == tuple(claims["evidence"] or ())
    assert (record.late, record.warnings()) == (claims["late"], parse_record(envelope).warnings())
    assert record.to_payload() == parse_record(envelope).to_payload()


@settings(max_examples=60)
@given(st.sampled_from(sorted(KINDS)), st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_reads_as_the_same_record(kind: str, place: int, change: int) -> None:
    from keys.errors import BadSignature
    from ledger.wire.envelope import parse_envelope

    envelope = build(kind)
    data = bytearray(envelope.to_bytes())
    data[place % len(data)] ^= change
    try:
        found = parse_envelope(bytes(data))
        parse_record(found)
        ED25519.check_signature(public=SIGNER.public, message=found.signing_input, signature=found.signature)
    except (Refused, BadSignature):
        return
    pytest.fail("a changed byte was accepted")
