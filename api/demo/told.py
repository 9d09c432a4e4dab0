"""Lives that are told: each shows what follows from what. Handed in after the many, one record after the other.

welder      training → certificate → contest → promotion → certificate → post, and a subsidy
voided      a training is revoked: the certificate that rests on it, and the credits, feel it
mentor      two apprentices, an agreement of three, an assessment, and what one of them wins
mother      a maternity leave that does not break the years of work
foreigner   a passport number first, a permanent residence later: one archive
supervised  an institution is rated, issues, and is suspended half-way: what comes after is refused
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid4

from api.client import LedgerClient
from api.client.errors import AnswerInvalid, ServerRefused
from api.demo import _wording
from api.demo.filling import DRAWS_MAX, Signers
from api.demo.institutions import CONTEST, EMPLOYER, EVALUATION, INSTITUTIONS, SUPERVISED, TRAINING
from api.demo.lives import late_reason
from api.demo.people import Worker, worker
from ledger.clock import civil_date
from ledger.errors import IssuerSuspended, StatusIndexTaken
from ledger.records import kind_class
from ledger.wire.canonical import format_canonical
from ledger.wire.envelope import Envelope

AUTHORITY: Final = "authority"
WELDER: Final = ("6-18-02-04", "焊工")
ELECTRICIAN: Final = ("6-31-01-03", "电工")
FIRST_PLACE: Final = 250_000
"""Places of the told workers: beyond those of any demonstration."""

FOREIGN_PLACE: Final = 250_008
"""A place whose worker has the number of a foreign permanent resident."""

SERIAL: Final = 900_000
CONTEST_RULE: Final = "CONTEST-DEMO"


@dataclass(frozen=True, slots=True)
class Teller:
    """Signs and hands in one record after the other."""

    client: LedgerClient
    signers: Signers
    seed: int
    codes: dict[str, str | None] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """Today in Shanghai."""
        return civil_date(self.signers.clock.now_seconds())

    def days_ago(self, days: int) -> str:
        """A civil date before today."""
        return (self.today - timedelta(days=days)).isoformat()

    def person(self, place: int, login: str) -> Worker:
        """A told worker."""
        found = worker(self.seed, place)
        return Worker(place, login, found.name, found.kind, found.number, found.region)

    def sign(self, by: str, kind: str, person: Worker | None = None, /, **fields: Any) -> Envelope:
        """A record by an institution of this role, or by the authority.

        fields  claims and disclosed values alike; what every record of an institution says is filled in
        """
        model = kind_class(kind)
        given = {name: value for name, value in self._common(by, person).items() if name in model.model_fields}
        given |= fields
        day = next(
            (given[name] for name in ("ended_on", "decided_on", "issued_on", "happened_on") if name in given), None
        )
        if day is not None and "late" not in given and model.PLACE == "subject":
            given["late"] = late_reason(date.fromisoformat(day), today=self.today)
        claims = {name: value for name, value in given.items() if name not in model.DISCLOSED}
        hidden = {name: value for name, value in given.items() if name in model.DISCLOSED}
        if by == AUTHORITY:
            return self.signers.as_authority(kind, claims, hidden)
        return self.signers.as_institution(by, kind, claims, hidden)

    def _common(self, by: str, person: Worker | None) -> dict[str, Any]:
        common: dict[str, Any] = {"happened_on": self.today.isoformat(), "region": "320102"}
        if by != AUTHORITY:
            common |= {"institution_name": INSTITUTIONS[by].name, "institution_uscc": INSTITUTIONS[by].uscc}
        if person is not None:
            common |= {"holder_name": person.name, "document_number": person.number, "region": person.region}
        return common

    def tell(self, by: str, kind: str, person: Worker | None = None, /, **fields: Any) -> str:
        """One record handed in; gives its record id.

        raises  ServerRefused, ReceiptInvalid, ServerUnavailable, AnswerInvalid when no status place is free
        """
        for _ in range(DRAWS_MAX):
            try:
                receipt = self.client.submit(self.sign(by, kind, person, **fields).to_bytes())
            except ServerRefused as refused:
                if refused.code == StatusIndexTaken.code:
                    continue
                raise
            self.codes[receipt.record_id] = receipt.code
            return receipt.record_id
        raise AnswerInvalid(f"no status place was free in {DRAWS_MAX} draws")

    def together(self, *envelopes: Envelope) -> list[str]:
        """A group handed in; gives the record ids.

        raises  ServerRefused, ReceiptInvalid, ServerUnavailable
        """
        receipts = self.client.submit_group([one.to_bytes() for one in envelopes])
        return [receipt.record_id for receipt in receipts]

    def certificate(
        self, by: str, person: Worker, occupation: tuple[str, str], level: int, day: str, **fields: Any
    ) -> str:
        """A skill certificate."""
        number = _wording.certificate_number(
            INSTITUTIONS[by], year=int(day[:4]), level=level, serial=SERIAL + len(self.codes), qualification=False
        )
        given = {
            "occupation_code": occupation[0],
            "occupation_name": occupation[1],
            "level_order": level,
            "standard_kind": "national",
            "standard_number": f"GZB {occupation[0]}",
            "standard_version": "2018年版",
            "basis": "EXAM",
            "issued_on": day,
            "certificate_number": number,
            "scores": {"theory": "86", "practice": "92"},
        }
        return self.tell(by, "skill-certificate", person, **{**given, **fields})

    def employed(self, person: Worker, occupation: tuple[str, str], since: str) -> str:
        """Work at the employer from a day on."""
        return self.tell(
            EMPLOYER,
            "employment-attested",
            person,
            employer_name=INSTITUTIONS[EMPLOYER].name,
            occupation_code=occupation[0],
            occupation_name=occupation[1],
            form="full-time",
            started_on=since,
        )

    def training(self, person: Worker, occupation: tuple[str, str], level: int, days_ago: int) -> tuple[str, str]:
        """A class, an enrolment and a completion; gives the records of the class and of the completion."""
        begins, ends = self.days_ago(days_ago + 30), self.days_ago(days_ago)
        minutes = {"minutes_theory": 2_400, "minutes_practice": 3_600, "minutes_online": 1_200}
        programme = {
            "class_number": f"T-{person.place}-{days_ago}",
            "programme_name": f"{occupation[1]}技能提升培训",
            "occupation_code": occupation[0],
            "occupation_name": occupation[1],
            "level_order": level,
            "delivery": "mixed",
            "minutes_planned": 7_200,
            "started_on": begins,
            "ended_on": ends,
            "organisation_mode": "project",
            "programme_tags": ["manufacturing-skills"],
        }
        opened = self.tell(
            TRAINING,
            "class-opened",
            **programme,
            **minutes,
            happened_on=self.days_ago(days_ago + 35),
            region=person.region,
            site="示例长江职业培训学校实训楼",
            teacher_count=3,
            plan_hash=hashlib.sha256(b"plan").hexdigest(),
            roster_hash=hashlib.sha256(b"roster").hexdigest(),
        )
        enrolled = self.tell(
            TRAINING,
            "enrolment",
            person,
            happened_on=self.days_ago(days_ago + 32),
            class_record=opened,
            programme_name=programme["programme_name"],
            identity_method="card-read",
            category="employee",
            front_line=True,
        )
        completed = self.tell(
            TRAINING,
            "training-completion",
            person,
            **programme,
            **minutes,
            minutes=7_200,
            issued_on=ends,
            class_record=opened,
            enrolment_record=enrolled,
            criteria="出勤率不低于80%，结业考核合格",
            attendance_days=20,
            attendance_method="card",
            attendance_hashes=[hashlib.sha256(b"attendance").hexdigest()],
            assessment_kind="course-assessment",
            assessment_result="PASS",
            assessors=2,
            result="COMPLETED",
            certificate_number=f"PX-{ends[:4]}-{person.place}-{days_ago}",
            scores={"theory": "88", "practice": "90"},
        )
        return opened, completed


def tell_all(client: LedgerClient, signers: Signers, seed: int) -> tuple[list[Worker], int]:
    """Hands in every told life.

    returns  the workers, and how many records were told
    raises   ServerRefused, ReceiptInvalid, AnswerInvalid, ServerUnavailable
    """
    teller = Teller(client, signers, seed)
    people = []
    for story in (_welder, _voided, _mentor, _mother, _foreigner, _supervised):
        people += story(teller)
    return people, len(teller.codes)


def _welder(teller: Teller) -> list[Worker]:
    welder = teller.person(FIRST_PLACE, "welder")
    _, training = teller.training(welder, WELDER, 5, 1_200)
    teller.employed(welder, WELDER, "2006-07-01")
    teller.certificate(EVALUATION, welder, WELDER, 5, teller.days_ago(1_100), evidence=[training])
    claimed = {"qualifying_record": training, "catalogue_id": "DEMO-2026-014", "claim_number": "BT-DEMO-0001"}
    claim = teller.tell(TRAINING, "subsidy-claimed", welder, **claimed)
    decision = {"claim_record": claim, "qualifying_record": training, "decision": "granted"}
    teller.tell(AUTHORITY, "subsidy-decided", welder, **decision)
    promotion = _promoted(teller, welder)
    day = teller.days_ago(360)
    top = teller.certificate(EVALUATION, welder, WELDER, 6, day, basis="CONTEST", evidence=[promotion], scores=None)
    teller.tell(
        EMPLOYER,
        "post-appointed",
        welder,
        post="special-technician",
        level_order=7,
        basis_record=top,
        occupation_code=WELDER[0],
        occupation_name=WELDER[1],
        happened_on=teller.days_ago(200),
        starts_on=teller.days_ago(200),
        ends_on=(teller.today + timedelta(days=900)).isoformat(),
        document="示例集团人〔2026〕31号",
    )
    return [welder]


def _promoted(teller: Teller, winner: Worker) -> str:
    """A contest, the second place in it, and the promotion that a published rule gives for it."""
    place = {"contest_class": "provincial-1", "group": "workers", "rank_from": 1, "rank_to": 3}
    row = {**place, "promote_to_order": 5, "if_already_then_plus": 1}
    content = {"provenance": "sample", "source": "示例", "rows": [row]}
    published = {"rule": CONTEST_RULE, "version": 1, "book": "contest-promotion", "content": content}
    title = "示例省职业技能竞赛晋升规则"
    teller.tell(AUTHORITY, "rule-published", title=title, effective_from="2018-01-01", **published)
    held_on, name = teller.days_ago(420), "示例省焊接职业技能竞赛"
    occupation = {"occupation_code": WELDER[0], "occupation_name": WELDER[1]}
    contest = teller.tell(
        CONTEST,
        "contest-registered",
        region="320000",
        contest_number="DEMO-WELDING",
        name=name,
        year=int(held_on[:4]),
        tier="provincial",
        contest_class="provincial-1",
        groups=["workers"],
        events=[{"code": "W01", "name": "焊接", "occupation": WELDER[0], "team": 1}],
        starts_on=teller.days_ago(422),
        ends_on=held_on,
    )
    result = teller.tell(
        CONTEST,
        "contest-result",
        winner,
        happened_on=held_on,
        region="320000",
        contest_record=contest,
        contest_name=name,
        event_code="W01",
        event_name="焊接",
        contest_group="workers",
        rank=2,
        participants=64,
        medal="silver",
        team_size=1,
        **occupation,
    )
    digest = hashlib.sha256(format_canonical(content)).hexdigest()
    return teller.tell(
        EVALUATION,
        "contest-promotion",
        winner,
        happened_on=teller.days_ago(380),
        level_order=6,
        contest_record=contest,
        result_record=result,
        rule_id=CONTEST_RULE,
        rule_version=1,
        rule_hash=digest,
        **occupation,
    )


def _voided(teller: Teller) -> list[Worker]:
    trainee = teller.person(FIRST_PLACE + 1, "voided")
    opened, training = teller.training(trainee, ELECTRICIAN, 4, 400)
    teller.certificate(EVALUATION, trainee, ELECTRICIAN, 4, teller.days_ago(360), evidence=[training])
    teller.tell(
        TRAINING,
        "revocation",
        target_record=training,
        action="revoke",
        reason="class-not-held",
        effective_on=teller.today.isoformat(),
    )
    teller.tell(TRAINING, "class-voided", class_record=opened, reason="class-not-held")
    return [trainee]


def _mentor(teller: Teller) -> list[Worker]:
    mentor = teller.person(FIRST_PLACE + 2, "mentor")
    first, second = (teller.person(FIRST_PLACE + number, f"apprentice-{number - 2}") for number in (3, 4))
    teller.certificate(EVALUATION, mentor, WELDER, 6, teller.days_ago(3_000))
    parties = [("mentor", mentor), ("apprentice", first), ("apprentice", second)]
    terms = {"agreement_number": "ST-DEMO-01", "parties": 3}
    agreed = teller.together(
        *_sides(
            teller,
            "mentoring-agreed",
            parties,
            **terms,
            happened_on=teller.days_ago(800),
            region="320200",
            programme="mentoring",
            enterprise_uscc=INSTITUTIONS[EMPLOYER].uscc,
            goals="独立完成平板对接横焊，取得中级工",
            occupation_code=WELDER[0],
            occupation_name=WELDER[1],
            target_level_order=3,
            starts_on=teller.days_ago(800),
            ends_on=teller.days_ago(70),
        )
    )
    group, assessed = uuid4().urn, []
    for party, ((role, person), record) in enumerate(zip(parties, agreed, strict=True), start=1):
        fields = {**terms, "role": role, "party": party, "agreement_record": record, "group": group}
        assessed.append(
            teller.sign(
                EMPLOYER, "mentoring-assessed", person, happened_on=teller.days_ago(60), result="qualified", **fields
            )
        )
    teller.together(*assessed)
    teller.certificate(EVALUATION, first, WELDER, 3, teller.days_ago(50))
    teller.tell(
        CONTEST,
        "award",
        first,
        region="320000",
        award_code="AW-JS-08",
        award_name="江苏技能状元",
        tier="STATE",
        level="provincial",
        document="示例人社发〔2026〕9号",
        decided_on=teller.days_ago(20),
        granting_body="示例省人力资源和社会保障厅",
        role="recipient",
        person_order=1,
        persons=1,
        certificate_number="RY-DEMO-0001",
    )
    return [mentor, first, second]


def _sides(teller: Teller, kind: str, sides: list[tuple[str, Worker]], /, **fields: Any) -> list[Envelope]:
    group = uuid4().urn
    return [
        teller.sign(
            EMPLOYER,
            kind,
            person,
            role=role,
            party=party,
            group=group,
            mentor_side="enterprise" if role == "mentor" else None,
            **fields,
        )
        for party, (role, person) in enumerate(sides, start=1)
    ]


def _mother(teller: Teller) -> list[Worker]:
    mother = teller.person(FIRST_PLACE + 5, "mother")
    teller.employed(mother, ELECTRICIAN, teller.days_ago(3_200))
    teller.certificate(EVALUATION, mother, ELECTRICIAN, 3, teller.days_ago(1_700))
    teller.tell(
        EMPLOYER,
        "protected-interruption",
        mother,
        started_on=teller.days_ago(900),
        ended_on=teller.days_ago(740),
        reason="maternity",
    )
    return [mother]


def _foreigner(teller: Teller) -> list[Worker]:
    resident = teller.person(FOREIGN_PLACE, "foreigner")
    passport = "DEU0" + "C01X00T47".rjust(14, "0")
    before = Worker(resident.place, resident.login, resident.name, "foreign_ssn", passport, resident.region)
    teller.certificate(EVALUATION, before, WELDER, 4, teller.days_ago(1_500))
    teller.tell(AUTHORITY, "subject-alias-bound", before, verified_by="card", new_number=resident.number)
    teller.tell(
        AUTHORITY,
        "subject-alias-retired",
        resident,
        verified_by="card",
        old_number=passport,
        last_day=teller.days_ago(1),
        reason="number-changed",
    )
    teller.certificate(EVALUATION, resident, WELDER, 5, teller.today.isoformat())
    return [resident]


def _supervised(teller: Teller) -> list[Worker]:
    """Five certificates of one session: the authority steps in after the third."""
    people = [teller.person(FIRST_PLACE + 10 + number, f"candidate-{number + 1}") for number in range(5)]
    uscc = INSTITUTIONS[SUPERVISED].uscc
    rating = {"stars": 2, "year": teller.today.year - 1, "document": "示例人社函〔2026〕21号"}
    teller.tell(AUTHORITY, "star-rating", uscc=uscc, **rating)
    for number, person in enumerate(people):
        if number == 3:
            standing = {"uscc": uscc, "standing": "suspended", "reason": "quality-inspection"}
            teller.tell(AUTHORITY, "institution-standing", **standing)
        try:
            teller.certificate(SUPERVISED, person, ELECTRICIAN, 3, teller.days_ago(2))
        except ServerRefused as refused:
            if number < 3 or refused.code != IssuerSuspended.code:
                raise
    return people[:3]
