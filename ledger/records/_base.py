"""What a kind of record is. A kind is one file beside this one: a frozen model, its facts, its shape and its rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from ledger.clock import civil_date
from ledger.errors import CertificateNumberUsed, IdentifierMalformed, IssuerUnknown, Refused, SchemaInvalid
from ledger.records import _schema
from ledger.records._fields import (
    IssuerUrl,
    LateReason,
    Seconds,
    StatusPlace,
    Urn,
    check_identifier,
    claim,
    document_number,
)
from ledger.records._identity import Change, Person
from ledger.records._shape import Form, Shape, difference, pointers_of
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry

KINDS_URL: Final = "https://ledger.example.cn/kinds/"
"""Fixed namespace of the vocabulary, not the address of any instance."""

PLACES: Final = frozenset({"subject", "institution", "authority", "target", "book"})
"""Whose stream a record lives in: a worker's, an institution's, the authority's, its target's, or a rule book's."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an issuer must be accredited for. None: the kind does not say."""

    kind: str
    occupation: str | None = None
    level_order: int | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class UniqueClaim:
    """Something no second record may claim: `purpose` names the register, `parts` the entry, `refusal` the code."""

    purpose: str
    parts: tuple[str, ...]
    refusal: type[Refused] = CertificateNumberUsed


class Logged(Protocol):
    """A record that the log holds, as far as a rule looks at it."""

    @property
    def index(self) -> int:
        """Place in the log."""
        ...

    @property
    def stream(self) -> UUID:
        """Stream it lives in."""
        ...

    @property
    def kind(self) -> str:
        """Kind and version, `skill-certificate/1`."""
        ...

    @property
    def record_id(self) -> str:
        """Record id."""
        ...

    @property
    def payload(self) -> dict[str, Json]:
        """Signed payload, without disclosures."""
        ...

    @property
    def header(self) -> Mapping[str, str]:
        """Signed header: `alg`, `kid`, `typ`."""
        ...


class History(Protocol):
    """What a rule may look at: the streams the record reads, as they stand under the append lock."""

    @property
    def issuer(self) -> str:
        """Issuer of the record under test."""
        ...

    @property
    def is_authority(self) -> bool:
        """Whether that issuer is the authority of this log."""
        ...

    @property
    def origin(self) -> str:
        """The log's name."""
        ...

    @property
    def index(self) -> int:
        """The place in the log that the record under test gets."""
        ...

    @property
    def today(self) -> date:
        """The Asia/Shanghai date of logging."""
        ...

    @property
    def registry(self) -> Registry:
        """Institutions, keys, accreditations and rules as they stand before the record under test."""
        ...

    @property
    def group(self) -> Sequence[Record]:
        """All records that stand or fall together, in order, the one under test among them."""
        ...

    def record(self, record_id: str) -> Logged | None:
        """A record of the log that the one under test named in `reads`, or one of the same group before this one."""
        ...

    def read(self, record_id: str) -> Record:
        """The model of such a record; what travels as a disclosure is None in it.

        raises  TargetUnknown (Refused)
        """
        ...

    def status(self, record_id: str) -> str:
        """`active`, `suspended`, `revoked` or `superseded`.

        raises  TargetUnknown for a record that is not held or was not named (Refused)
        """
        ...

    def names_person(self, record: Logged) -> bool:
        """Whether a held record is about a person."""
        ...

    def owns(self, record_id: str) -> bool:
        """Whether a held record is about the same person as this one."""
        ...

    def stream_records(self) -> Sequence[Logged]:
        """All records of the stream that this record goes to, oldest first."""
        ...

    def in_stream(self, kind: str, *, suspended: bool = False) -> Sequence[Logged]:
        """Records in force of one kind, named without version, in the stream that this record goes to, oldest first.

        suspended  whether those that are suspended count as well
        returns    also without what a correction of the same group replaces
        """
        ...

    def stream_beside(self, record_id: str) -> Sequence[Logged]:
        """All records of the stream that a held record lives in, oldest first."""
        ...


def uscc_of(issuer: str, uscc_by_issuer: Mapping[str, str]) -> str:
    """The credit code of a registered issuer.

    raises  IssuerUnknown (Refused)
    """
    uscc = uscc_by_issuer.get(issuer)
    if uscc is None:
        raise IssuerUnknown("the issuer id is not registered; the authority registers institutions first")
    return uscc


class Record(BaseModel):
    """One statement by one issuer. Subclasses are kinds; a published version is never edited."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=False)

    KIND: ClassVar[str]
    VERSION: ClassVar[int] = 1
    LABEL: ClassVar[Mapping[str, str]]
    TYP: ClassVar[str]
    PLACE: ClassVar[str]
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    RETENTION: ClassVar[str] = "statutory"
    STATUS: ClassVar[bool] = False
    CODE: ClassVar[bool] = False
    ACT: ClassVar[bool] = False
    """Whether it changes where another record stands: its payload then has `target` and `action` or `replacement`."""
    REGISTRY: ClassVar[bool] = False
    """Whether it changes the registry: it then has a `fold`."""
    SHAPE: ClassVar[Shape]
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]]
    DISCLOSED: ClassVar[tuple[str, ...]] = ()
    REQUIRED: ClassVar[tuple[str, ...]] = ()
    POINTERS: ClassVar[Mapping[str, str]] = {}
    NAMES: ClassVar[frozenset[str]] = frozenset()
    FORM: ClassVar[Form]

    issuer: IssuerUrl = claim("签发机构标识", "issuer id")
    uid: Urn = claim("记录编号", "record's own id")
    issued_at: Seconds = claim("签发时间（秒）", "time of signing, seconds since 1970")
    late: LateReason | None = claim("补录原因", "reason for coming late", None)
    group: Urn | None = claim("同组编号", "group of records that stand or fall together", None)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Derive what the fields and the shape already say."""
        super().__pydantic_init_subclass__(**kwargs)
        extras = {
            name: field.json_schema_extra
            for name, field in cls.model_fields.items()
            if isinstance(field.json_schema_extra, dict)
        }
        cls.DISCLOSED = tuple(name for name, extra in extras.items() if "x-disclosed" in extra)
        cls.REQUIRED = tuple(name for name, extra in extras.items() if extra.get("x-required"))
        shape = getattr(cls, "SHAPE", {})
        cls.POINTERS = dict(pointers_of(shape))
        cls.NAMES = frozenset(cls.model_fields)
        cls.REGISTRY = cls.fold is not Record.fold
        cls.FORM = Form.of(shape)

    def field(self, name: str) -> Any:
        """The value of a field, None for a kind without it. A miss costs far less than with `getattr`."""
        return getattr(self, name) if name in self.NAMES else None

    @classmethod
    def kind_name(cls) -> str:
        """Kind and version, such as `skill-certificate/1`."""
        return f"{cls.KIND}/{cls.VERSION}"

    @property
    def kind(self) -> str:
        """Kind and version, such as `skill-certificate/1`."""
        return self.kind_name()

    def to_payload(self) -> dict[str, Json]:
        """The payload with every disclosed value in its place, marked `Hidden`; not to be changed."""
        tree: dict[str, Json] = self.FORM.write(self)
        return tree

    @classmethod
    def from_payload(cls, tree: dict[str, Json], *, complete: bool) -> Self:
        """The record of a payload whose disclosed values are in place and marked `Hidden`.

        complete  whether every digest was disclosed; then the kind's required disclosures must be there
        raises    SchemaInvalid, IdentifierMalformed, keys.errors.BadKey (Refused); with JSON pointers, without values
        """
        fields: dict[str, Any] = {}
        cls.FORM.read(tree, fields)
        record = cls.validated(fields, pointers=cls.POINTERS)
        if complete:
            record.check_required(pointers=cls.POINTERS)
        again = record.to_payload()
        if again != tree:
            raise SchemaInvalid(f"{difference(again, tree)}: not as {cls.kind_name()} has it")
        return record

    @classmethod
    def validated(cls, fields: Mapping[str, Any], *, pointers: Mapping[str, str]) -> Self:
        """The record of these fields.

        pointers  field to the JSON pointer that messages name
        raises    SchemaInvalid, IdentifierMalformed, keys.errors.BadKey (Refused)
        """
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
        places = []
        for problem in problems:
            name, *inner = problem["loc"] or ("",)
            # Places inside a field are named by number only: a member's name there is the submitter's, maybe a value.
            steps = [str(step) for step in inner if isinstance(step, int)]
            places.append("/".join([pointers.get(str(name), "/"), *steps]) + f": {problem['msg']}")
        malformed = all(problem["type"] == "identifier-malformed" for problem in problems)
        raise (IdentifierMalformed if malformed else SchemaInvalid)("; ".join(places[:8]))

    def check_required(self, *, pointers: Mapping[str, str]) -> None:
        """Accept a record that has every personal value its kind demands.

        raises  SchemaInvalid (Refused)
        """
        missing = [pointers.get(name, name) for name in self.REQUIRED if getattr(self, name) is None]
        if missing:
            raise SchemaInvalid(f"{'; '.join(missing)}: must be there as a disclosure")

    @classmethod
    def json_schema(cls) -> dict[str, Json]:
        """JSON Schema 2020-12 of `{"claims", "disclosed"}` as `EXAMPLE` has it, with labels and disclosures marked."""
        return _schema.input_schema(cls)

    @classmethod
    def payload_schema(cls) -> dict[str, Json]:
        """JSON Schema 2020-12 of the payload with all disclosures in place."""
        return _schema.payload_schema(cls)

    # What acceptance asks of every record; kinds override what applies to them.

    def occurred_on(self) -> date:
        """Asia/Shanghai date of the achievement, at which accreditation is tested."""
        return civil_date(self.issued_at)

    def scope(self) -> Scope | None:
        """What the issuer must be accredited for; None where no accreditation is needed."""
        return None

    def person(self) -> Person | None:
        """Whom the record is about; None for other kinds and where number or name is not disclosed."""
        number, name = self.field("document_number"), self.field("holder_name")
        if number is None or name is None:
            return None
        return Person(document_number(number, on=civil_date(self.issued_at)), name)

    def change(self) -> Change | None:
        """What it says about who is who, beside naming its subject; None where a needed value is not disclosed."""
        return None

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """What no second record may claim. (Issuer, uid) is unique for every kind and not repeated here."""
        return ()

    def status_place(self) -> StatusPlace | None:
        """The record's place in its issuer's status lists."""
        return None

    def about(self, uscc_by_issuer: Mapping[str, str]) -> str:
        """Credit code of the institution in whose stream the record lives; the issuer's own unless the kind says else.

        uscc_by_issuer  issuer ids of the registry
        raises          IssuerUnknown (Refused)
        """
        return uscc_of(self.issuer, uscc_by_issuer)

    def target(self) -> str | None:
        """Record id of the record it acts on."""
        return None

    def replaced_by(self) -> str | None:
        """Record id of the record that takes the target's place."""
        return None

    def reads(self) -> tuple[str, ...]:
        """Record ids that `check` looks up."""
        return ()

    def period(self) -> tuple[int | None, int | None]:
        """From and until when the record holds, in seconds; `until` is the first second at which it does not."""
        return None, None

    def warnings(self) -> tuple[str, ...]:
        """Codes of what looks odd but is no reason to refuse."""
        found: list[str] = []
        for name, kind in (("region", "region_code"), ("occupation_code", "occupation_code")):
            value = self.field(name)
            if value is not None:
                found += check_identifier(kind, value)
        number = self.field("document_number")
        if number is not None:
            on = civil_date(self.issued_at)
            found += check_identifier(document_number(number, on=on).kind, number, strict=False, on=on)
        return tuple(dict.fromkeys(found))

    def concerns(self, registry: Registry) -> tuple[str, ...]:  # noqa: ARG002  kinds override it
        """Region codes that an act of the authority concerns, each of which a delegate must cover.

        returns  empty where the act cannot be delegated
        """
        return ()

    def fold(self, registry: Registry, *, index: int) -> Registry:  # noqa: ARG002  kinds override it
        """The registry after this record at `index`.

        raises  RuleBroken when the record contradicts what is registered, errors of `keys` for its keys (Refused)
        """
        return registry

    def check(self, history: History) -> None:
        """The kind's own rule on the histories it reads, step (12).

        raises  Refused
        """
