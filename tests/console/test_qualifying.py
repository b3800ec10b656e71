"""What is asked and answered before the bids, as people read it."""

import json
from pathlib import Path

from exchange.core.messages import Role
from tests.console.commands import Console
from tests.console.test_events import DRAFT, LOT
from tests.gateway.house import House

TERMS = "Delivery within four weeks.\nPacked dry.\n"
QUESTIONS = [
    {"kind": "yes_no", "text": "Are you certified to ISO 9001?"},
    {"kind": "number", "text": "Pieces a week?"},
    {"kind": "document", "text": "Your certificate?"},
]
SHA256 = "5e" * 32
ANSWERS = [
    {"place": 1, "yes_no": True},
    {"place": 2, "number": 200},
    {"place": 3, "document": SHA256},
]


async def test_terms_questions_and_answers_are_read_as_they_were_written(
    house: House, console: Console, tmp_path: Path
) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event = (await console.run(buyer, *DRAFT, "--json")).answer["event_id"]
    terms, asked, answers = (tmp_path / name for name in ("terms.txt", "questions.json", "answers.json"))
    terms.write_text(TERMS)
    asked.write_text(json.dumps({"questions": QUESTIONS}))
    answers.write_text(json.dumps({"answers": ANSWERS}))

    none = await console.run(buyer, "event", "terms", event)
    for words in (
        ("lot", event, "Type A", *LOT),
        ("set-terms", event, terms),
        ("ask", event, asked),
        ("invite", event, supplier.member_id),
        ("publish", event),
    ):
        assert (await console.run(buyer, "event", *words)).code == 0
    read = await console.run(supplier, "event", "terms", event)
    awaited = await console.run(supplier, "event", "questions", event)
    answered = await console.run(supplier, "event", "answer", event, answers)
    stands = await console.run(supplier, "event", "questions", event)
    people = await console.run(buyer, "event", "participants", event)

    assert none.out == "none\n"
    head, *text = read.out.splitlines()
    assert head.startswith("version 1, 2026-01-01T") and text == TERMS.splitlines()
    assert awaited.out.splitlines()[-1] == "you: awaited"
    assert answered.code == 0
    assert stands.out.splitlines()[-4:] == ["you: answered", "1: yes", "2: 200", f"3: {SHA256}"]
    assert f"1: yes; 2: 200; 3: {SHA256}" in people.out
