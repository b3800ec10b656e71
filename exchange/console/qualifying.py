"""`exchange event …` before the bids: suppliers found, terms, questionnaires, answers, decisions, inquiries."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from exchange.console import WrongUsage
from exchange.console.remote import HERE, Remote, say, segment
from exchange.console.tables import prose, text

Named = Annotated[tuple[str, ...], Parameter(negative="")]


def suppliers(
    *,
    category: Named = (),
    region: Named = (),
    capability: Named = (),
    certificate: Named = (),
    limit: int = 20,
    remote: Remote = HERE,
) -> None:
    """Find suppliers by their profiles (buyer); who meets most comes first. Each can be given several times.

    Parameters
    ----------
    region
        ISO 3166 alpha-2, NL say.
    """
    wanted = {"categories": category, "regions": region, "capabilities": capability}
    body = wanted | {"certificates": certificate, "limit": limit}
    answer = remote.call("POST", "/v1/suppliers/search", body)
    if not remote.as_json:
        answer["suppliers"] = [_found(each) for each in answer["suppliers"]]
    remote.show(answer, "suppliers")


def _found(each: dict[str, Any]) -> dict[str, Any]:
    """A supplier in a line."""
    met, missing = ([name for names in each[kind].values() for name in names] for kind in ("met", "missing"))
    return {
        "member_id": each["member_id"],
        "name": each["profile"]["name"],
        "met": ", ".join(met),
        "missing": ", ".join(missing),
    }


def profile(file: Path, *, remote: Remote = HERE) -> None:
    """Be found by the profile of a file (supplier), in place of the one before.

    Parameters
    ----------
    file
        JSON with name, categories, regions, capabilities, certificates; see `/docs`.
    """
    remote.show(remote.call("PUT", "/v1/supplier-profile", json_of(file)))


def terms(event_id: str, *, remote: Remote = HERE) -> None:
    """Read the terms of an event, with what was added to them."""
    answer = remote.call("GET", _path(event_id, "terms"))
    if remote.for_programs or not answer["versions"]:
        remote.show(answer, "versions")
        return
    say("\n\n".join(map(_version, answer["versions"])))


def _version(each: dict[str, Any]) -> str:
    """Terms or an addendum, to be read."""
    documents = [
        text(f"document: {given['name']} (SHA-256 {given['sha256']})") for given in each["documents"]
    ]
    return "\n".join([f"version {each['version']}, {each['at']}", prose(each["text"]), *documents])


def set_terms(event_id: str, file: Path, *, remote: Remote = HERE) -> None:
    """Set what every bidder accepts before its first bid (buyer, of a draft): the text of a file."""
    remote.show(remote.call("PUT", _path(event_id, "terms"), {"text": _text_of(file)}))


def addendum(event_id: str, file: Path, *, remote: Remote = HERE) -> None:
    """Add the text of a file to the terms of a published event (buyer); every bidder accepts again."""
    remote.show(remote.call("POST", _path(event_id, "addenda"), {"text": _text_of(file)}))


def questions(event_id: str, *, remote: Remote = HERE) -> None:
    """Read what suppliers are asked; a supplier also where it stands."""
    answer = remote.call("GET", _path(event_id, "questionnaire"))
    remote.show(answer, "questions")
    if "own" in answer and not remote.for_programs:
        say("\n" + _stands(answer["own"]))


def _stands(own: dict[str, Any]) -> str:
    """Where a supplier stands, and what it answered."""
    reason = f": {text(own['reason'])}" if own["reason"] else ""
    lots = f" in {text(own['lots'])}" if own["lots"] else ""
    answers = [f"{each['place']}: {_said(each)}" for each in own["answers"]]
    return "\n".join([f"you: {own['state']}{lots}{reason}", *answers])


def _said(answer: dict[str, Any]) -> str:
    """An answer, of whichever kind."""
    return next((text(said) for name, said in answer.items() if name != "place"), "")


def ask(event_id: str, file: Path, *, remote: Remote = HERE) -> None:
    """Have suppliers answer questions before they may bid (buyer, of a draft).

    Parameters
    ----------
    file
        JSON: {"questions": [{"kind": "yes_no", "text": "ISO 9001?"}]}. Kinds: yes_no, choice, number, text, document.
    """
    remote.show(remote.call("PUT", _path(event_id, "questionnaire"), json_of(file)))


def answer(event_id: str, file: Path, *, remote: Remote = HERE) -> None:
    """Answer all questions of an event (supplier), in place of the answers before.

    Parameters
    ----------
    file
        JSON: {"answers": [{"place": 1, "yes_no": true}]}; a choice, number, text or document as it was asked.
    """
    remote.show(remote.call("PUT", _path(event_id, "questionnaire/answers"), json_of(file)))


def participants(event_id: str, *, remote: Remote = HERE) -> None:
    """List who is invited, with answers and qualification (buyer)."""
    answer = remote.call("GET", _path(event_id, "participants"), query={"limit": "500"})
    if not remote.as_json:
        answer["participants"] = [_standing(each) for each in answer["participants"]]
    remote.show(answer, "participants")


def _standing(each: dict[str, Any]) -> dict[str, Any]:
    """A participant in a line."""
    stands = each["qualification"]
    named = {"member_id": each["member_id"], "invitation": each["invitation"]}
    given = "; ".join(f"{each['place']}: {_said(each)}" for each in stands["answers"])
    return named | {"qualification": stands["state"], "lots": stands["lots"], "answers": given}


def approve(event_id: str, member_id: str, *, lot: Named = (), remote: Remote = HERE) -> None:
    """Let an invited supplier bid (buyer).

    Parameters
    ----------
    lot
        Only in this lot; can be given several times.
    """
    _decide(event_id, member_id, {"approve": True, "lots": lot}, remote)


def refuse(event_id: str, member_id: str, reason: str, *, remote: Remote = HERE) -> None:
    """Don't let an invited supplier bid (buyer)."""
    _decide(event_id, member_id, {"approve": False, "reason": reason}, remote)


def _decide(event_id: str, member_id: str, body: dict[str, Any], remote: Remote) -> None:
    path = _path(event_id, f"participants/{segment(member_id)}/qualification")
    remote.show(remote.call("PUT", path, body))


def invitations(*, remote: Remote = HERE) -> None:
    """List what one is invited to, with what is still asked before a bid (supplier)."""
    remote.show(remote.call("GET", "/v1/invitations", query={"limit": "500"}), "invitations")


def accept(event_id: str, *, remote: Remote = HERE) -> None:
    """Accept an invitation, and the terms as they are now (supplier); read them first."""
    version = remote.call("GET", _path(event_id, "terms"))["version"]
    told = remote.call("PUT", _path(event_id, "invitations/own"), {"accept": True})
    if version:
        told |= remote.call("POST", _path(event_id, "terms/acceptance"), {"version": version})
    remote.show(told)


def decline(event_id: str, *, remote: Remote = HERE) -> None:
    """Decline an invitation (supplier)."""
    remote.show(remote.call("PUT", _path(event_id, "invitations/own"), {"accept": False}))


def bond(event_id: str, *, remote: Remote = HERE) -> None:
    """Deposit the bid bond of an event from the wallet (supplier, bidder), before its first bid."""
    remote.show(remote.call("POST", _path(event_id, "bond")))


def inquire(event_id: str, text: str, *, remote: Remote = HERE) -> None:
    """Ask something about an event (supplier); with the answer, all who are invited read it."""
    remote.show(remote.call("POST", _path(event_id, "inquiries"), {"text": text}))


def inquiries(event_id: str, *, remote: Remote = HERE) -> None:
    """List what was asked about an event, and answered."""
    remote.show(remote.call("GET", _path(event_id, "inquiries"), query={"limit": "500"}), "inquiries")


def reply(inquiry_id: str, text: str, *, remote: Remote = HERE) -> None:
    """Answer an inquiry, to all who are invited (buyer)."""
    remote.show(remote.call("PUT", f"/v1/inquiries/{segment(inquiry_id)}/answer", {"text": text}))


COMMANDS: Final[tuple[Callable[..., None], ...]] = (
    suppliers, terms, set_terms, addendum, questions, ask, answer, participants, approve, refuse,
    invitations, accept, decline, bond, inquire, inquiries, reply,
)  # fmt: skip
"""What `exchange event` offers of it; the profile is a member's."""


def json_of(path: Path) -> dict[str, Any]:
    """The JSON object of a file. Raises WrongUsage."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUsage(f"{path} can't be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise WrongUsage(f"{path} has no JSON object.")
    return found


def _text_of(path: Path) -> str:
    """Raises WrongUsage."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise WrongUsage(f"{path} can't be read as text: {error}") from error


def _path(event_id: str, rest: str) -> str:
    return f"/v1/events/{segment(event_id)}/{rest}"
