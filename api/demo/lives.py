"""Made-up lives: what each worker learned, passed, won and moved, and what became of it. Pure.

A life depends on the seed, the worker's place and today's date alone, so more workers never change the earlier ones.
Places repeat their story every eight workers; the first four show every state that a record can have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from api.demo import _wording
from api.demo.institutions import COLLEGE, CONTEST, EMPLOYER, EVALUATION, INDUSTRIAL, INSTITUTIONS, TRAINING
from api.demo.people import Worker, worker
from ledger import limits
from ledger.records._codes import LEVELS

RECORDS_EACH: Final = 10
"""Records of a life on average; neighbours of a pair have as many more as the other has fewer."""

STORIES: Final = 8
CERTIFICATES_MAX: Final = 20
STATUS_LISTS: Final = 16
FRESH_DAYS: Final = 5
"""What is older comes with a reason for being late; the ledger allows ten working days."""

VALID, REVOKED, SUSPENDED, SUPERSEDED = "valid", "revoked", "suspended", "superseded"
EXPIRED, NOT_YET_VALID, REFUSED = "expired", "not_yet_valid", "refused"
REVOKE, SUSPEND, REINSTATE, CORRECT = "revoke", "suspend", "reinstate", "correct"

STATE_OF_FATE: Final = {REVOKE: REVOKED, SUSPEND: SUSPENDED, REINSTATE: VALID, CORRECT: SUPERSEDED}
FATE_OF_STORY: Final = {0: CORRECT, 1: REVOKE, 2: SUSPEND, 3: REINSTATE}
NOT_ACCREDITED: Final = "not-accredited"

CERTIFICATES: Final = frozenset({"skill-certificate", "skill-certificate/1", "vocational-qualification"})
"""Kinds of certificates of a level. Version 1 is for 特级技师: version 2 asks for the record of the appointment."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A record that is to be signed.

    signer      type of the institution that signs
    occurred    date of the achievement
    claims      without the institution's own fields and the status place, which signing adds
    disclosed   with `certificate_number`
    place       number of the status list, and index in it
    state       what verification says in the end: one of the seven states
    fate        what is done to the record later, None for nothing
    correction  the record's own id and status place of its corrected version; for the fate `correct`
    """

    worker: Worker
    signer: str
    kind: str
    occurred: date
    claims: Mapping[str, Any]
    disclosed: Mapping[str, Any]
    place: tuple[int, int]
    state: str
    fate: str | None = None
    correction: tuple[str, tuple[int, int]] | None = None

    @property
    def number(self) -> str:
        """The certificate number."""
        return str(self.disclosed["certificate_number"])

    def corrected(self) -> Planned:
        """The version that takes this record's place: other scores, the same number.

        raises  ValueError where the fate is another than `correct`
        """
        if self.correction is None:
            raise ValueError("only a record with the fate `correct` has a corrected version")
        uid, place = self.correction
        scores = {part: str(min(int(score) + 4, 99)) for part, score in self.disclosed["scores"].items()}
        disclosed = {**self.disclosed, "scores": scores}
        claims = {**self.claims, "uid": uid}
        return replace(self, claims=claims, disclosed=disclosed, place=place, state=VALID, fate=None, correction=None)


@dataclass(frozen=True, slots=True)
class Move:
    """Credits that a life's trainings bring into the credit bank, and how many go on into a course. In hundredths.

    sources  places of the trainings in the life's records
    groups   group ids of the two transfers
    """

    sources: tuple[int, ...]
    amount_centi: int
    onward_centi: int
    groups: tuple[str, str]
    happened_on: date


@dataclass(frozen=True, slots=True)
class Life:
    """One worker's records, oldest achievement first, and the move of credits where there is one."""

    worker: Worker
    records: tuple[Planned, ...]
    move: Move | None


def life(seed: int, place: int, *, today: date) -> Life:
    """The life of the worker at a place.

    today  Asia/Shanghai
    """
    return _Writer(seed, worker(seed, place), today).life()


def _years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28))


class _Writer:
    """Writes one life, drawing everything from one source of chance."""

    def __init__(self, seed: int, person: Worker, today: date) -> None:
        self._rng = Random(f"{seed}/life/{person.place}")  # noqa: S311 - made-up lives, no secrets
        self._worker = person
        self._today = today
        self._story = person.place % STORIES
        self._serials = iter(range(person.place * CERTIFICATES_MAX, (person.place + 1) * CERTIFICATES_MAX))
        self._occupation = _wording.occupation(self._rng, place=person.place)
        self._industrial = self._occupation[0].startswith(INDUSTRIAL)

    def life(self) -> Life:
        more = Random(f"{self._worker.place // 2}").randrange(1, 6)  # noqa: S311 - as above
        wanted = RECORDS_EACH + (more if self._worker.place % 2 == 0 else -more)
        records = [*self._special(), *self._ladder(wanted - 3)]
        if self._rng.random() < 0.12 or self._story == 0:
            records.append(self._award())
        while len(records) < wanted:
            records.append(self._further_training())
        records.sort(key=lambda planned: planned.occurred)
        records = self._with_fate(records)
        move = self._move(records) if self._worker.place % 4 == 0 else None
        return Life(self._worker, (*records, *self._refused()), move)

    # -- what happens --------------------------------------------------------------------------------------------------

    def _special(self) -> Iterator[Planned]:
        """What a story has besides the ladder."""
        if self._story == 0:
            until = self._today + timedelta(days=self._rng.randrange(6, 56))
            second = _wording.occupation(self._rng, place=self._worker.place + 1)
            yield self._certificate(_years_later(until, -6), 3, EVALUATION, until=until, occupation=second)
        elif self._story == 3:
            ended = self._today - timedelta(days=self._rng.randrange(1, FRESH_DAYS))
            issued = self._today + timedelta(days=self._rng.randrange(20, 41))
            yield replace(self._training(ended, issued=issued), state=NOT_YET_VALID)
        elif self._story in (4, 5):
            yield self._training(self._today - timedelta(days=self._rng.randrange(2, FRESH_DAYS)))

    def _ladder(self, records_max: int) -> Iterator[Planned]:
        """Training and certificate, level by level, with the waiting years of DOMAIN §4.4."""
        first = 1990 if self._story in (0, 2) else self._rng.randrange(1988, self._today.year - 1)
        day = date(first, self._rng.randrange(1, 13), self._rng.randrange(1, 29))
        for level, years in ((2, 0), (3, 3), (4, 4), (5, 5), (6, 5), (7, 5)):
            day = _years_later(day, years) + timedelta(days=self._rng.randrange(0, 700) if years else 0)
            if records_max < 2 or day > self._today - timedelta(days=60) or (level == 7 and not self._industrial):
                return
            records_max -= 2
            yield self._training(day - timedelta(days=self._rng.randrange(20, 90)), level=level)
            yield self._certificate(day, level, self._body(day, level), until=self._end(day))
            if level > 3 and self._rng.random() < 0.15:
                return

    def _body(self, day: date, level: int) -> str:
        own = self._industrial and day.year >= 2019 and self._worker.place % 2 == 0
        return EMPLOYER if own or level == 7 else EVALUATION

    def _end(self, day: date) -> date | None:
        """Certificates of story 2 hold for six years."""
        return _years_later(day, 6) if self._story == 2 else None

    def _further_training(self) -> Planned:
        first = date(1996, 1, 1)
        span = (self._today - first).days - 40
        return self._training(
            first + timedelta(days=self._rng.randrange(span)), programme=_wording.programme(self._rng)
        )

    def _with_fate(self, records: list[Planned]) -> list[Planned]:
        fate = FATE_OF_STORY.get(self._story)
        if fate is None:
            return records
        chosen = next((n for n, one in enumerate(records) if one.kind in CERTIFICATES and one.state == VALID), 0)
        known = records[chosen]
        if fate == CORRECT:
            known = replace(known, correction=(self._urn(), self._status_place()))
        records[chosen] = replace(known, fate=fate, state=STATE_OF_FATE[fate])
        return records

    def _move(self, records: list[Planned]) -> Move | None:
        """Up to two sound trainings brought in, and two thirds of the credits used."""
        sound = [
            n
            for n, one in enumerate(records)
            if one.kind == "training-completion" and one.state == VALID and not one.fate
        ]
        sources = tuple(sound[-2:])
        if not sources:
            return None
        amount = sum(records[n].claims["minutes"] // 960 * 100 for n in sources) or 100
        happened = self._today - timedelta(days=self._rng.randrange(1, FRESH_DAYS))
        onward = amount * 2 // 3 if self._story == 0 else 0
        return Move(sources, amount, onward, (self._urn(), self._urn()), happened)

    def _refused(self) -> Iterator[Planned]:
        """Something beyond the issuer's accreditation, in one of five ways; the ledger refuses it."""
        if self._story != 1:
            return
        day = self._today - timedelta(days=self._rng.randrange(200, 2000))
        plain = self._certificate(day, 3, EVALUATION)
        wrong: dict[str, Any] = {}
        match self._worker.place // STORIES % 5:
            case 0:
                plain = self._certificate(day, 3, TRAINING)
            case 1:
                wrong = {"occupation_code": "2-05-07-04", "occupation_name": "中医骨伤科医师"}
            case 2:
                plain = self._certificate(day, 7, EVALUATION)
            case 3:
                wrong = {"region": "440305"}
            case _:
                plain = self._certificate(date(1975, 5, 1), 3, EVALUATION)
        yield replace(plain, claims={**plain.claims, **wrong}, state=REFUSED)

    # -- the records themselves ----------------------------------------------------------------------------------------

    def _training(
        self, ended: date, *, level: int | None = None, programme: str | None = None, issued: date | None = None
    ) -> Planned:
        days = self._rng.randrange(5, 41)
        code, name = self._occupation
        issued = issued or min(ended + timedelta(days=self._rng.randrange(1, 15)), self._today)
        claims = {
            "class_number": f"{ended.year}-{self._rng.randrange(1, 400):04}",
            "programme_name": programme or f"{name}{LEVELS[level].zh if level else '岗位技能提升'}培训",
            "criteria": "出勤率不低于80%，结业考核合格",
            "occupation_code": code,
            "occupation_name": name,
            "level_order": level,
            "delivery": self._rng.choice(("offline", "offline", "mixed", "online")),
            "minutes": days * 360,
            "minutes_planned": days * 360,
            "started_on": (ended - timedelta(days=days)).isoformat(),
            "ended_on": ended.isoformat(),
            "issued_on": issued.isoformat(),
            # Held before the log began: there is no class that these trainings could cite.
            "late": late_reason(ended, today=self._today) or "historical-import",
        }
        signer = self._rng.choice((TRAINING, TRAINING, EMPLOYER if self._industrial else TRAINING, COLLEGE))
        number = f"PX-{ended.year}-{self._worker.place + 1:05}-{next(self._serials) % CERTIFICATES_MAX:02}"
        scores = {"theory": self._score(), "practice": self._score()}
        return self._planned(
            signer, "training-completion", ended, claims, {"certificate_number": number, "scores": scores}
        )

    def _certificate(
        self,
        day: date,
        level: int,
        signer: str,
        *,
        until: date | None = None,
        occupation: tuple[str, str] | None = None,
    ) -> Planned:
        code, name = occupation or self._occupation
        old = day.year < 2018 and signer == EVALUATION and level < 7
        number = _wording.certificate_number(
            INSTITUTIONS[signer], year=day.year, level=level, serial=next(self._serials), qualification=old
        )
        edition = max(1999, day.year - day.year % 5)
        claims: dict[str, Any] = {
            "occupation_code": code,
            "occupation_name": name,
            "level_order": level,
            "issued_on": day.isoformat(),
            "valid_until": until.isoformat() if until else None,
        }
        if old:
            kind, extra = "vocational-qualification", {"standard": f"{name}国家职业标准（{edition}年版）"}
        elif level == 7:
            standard = f"https://osta.example.cn/standards/{code}/{edition}"
            kind = "skill-certificate/1"
            extra = {"certificate_kind": "SKILL_LEVEL", "standard_id": standard, "basis": "APPOINTED"}
        else:
            kind = "skill-certificate"
            extra = {
                "standard_kind": "national",
                "standard_number": f"GZB {code}",
                "standard_version": f"{edition}年版",
                "basis": "EXAM",
            }
        state = EXPIRED if until is not None and until <= self._today else VALID
        scores = {"theory": self._score(), "practice": self._score()}
        disclosed = {"certificate_number": number, "scores": scores}
        return replace(self._planned(signer, kind, day, {**claims, **extra}, disclosed), state=state)

    def _award(self) -> Planned:
        award = _wording.award(self._rng)
        day = date(self._rng.randrange(2004, self._today.year), self._rng.randrange(5, 12), self._rng.randrange(1, 29))
        claims: dict[str, Any] = {
            "award_code": award.code,
            "award_name": award.name,
            "tier": award.tier,
            "document": f"示例人社发〔{day.year}〕{self._rng.randrange(3, 90)}号",
            "decided_on": day.isoformat(),
        }
        if award.is_contest:
            claims |= _wording.contest(self._rng, year=day.year, occupation=self._occupation)
        number = f"RY-{day.year}-{self._worker.place + 1:05}-{next(self._serials) % CERTIFICATES_MAX:02}"
        return self._planned(CONTEST, "award", day, claims, {"certificate_number": number})

    def _planned(
        self, signer: str, kind: str, day: date, claims: Mapping[str, Any], disclosed: Mapping[str, Any]
    ) -> Planned:
        person = {"holder_name": self._worker.name, "document_number": self._worker.number}
        common = {"uid": self._urn(), "region": self._worker.region, "late": late_reason(day, today=self._today)}
        return Planned(
            worker=self._worker,
            signer=signer,
            kind=kind,
            occurred=day,
            claims={**common, **claims},
            disclosed={**person, **disclosed},
            place=self._status_place(),
            state=VALID,
        )

    # -- draws ---------------------------------------------------------------------------------------------------------

    def _score(self) -> str:
        return str(self._rng.randrange(60, 96))

    def _urn(self) -> str:
        return UUID(int=self._rng.getrandbits(128), version=4).urn

    def _status_place(self) -> tuple[int, int]:
        return 1 + self._rng.randrange(STATUS_LISTS), self._rng.randrange(limits.STATUS_LIST_ENTRIES)


def late_reason(day: date, *, today: date) -> str | None:
    """Why a record of this day comes now: nothing to explain within a few days, else an import of what is old."""
    if (today - day).days <= FRESH_DAYS:
        return None
    return "paper-backlog" if day.year < 2000 else "historical-import"
