"""`exchange member`: admit, list, suspend and reinstate members; what they had and have."""

from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from exchange.console import papers
from exchange.console.qualifying import profile
from exchange.console.remote import HERE, Remote, segment
from exchange.core.messages import Role, Standing

app: Final = App(
    name="member", help="Admit, list, suspend and reinstate members (operator); print a member's papers."
)
app.command(papers.statement)
app.command(papers.note)
app.command(profile)


@app.command
def add(
    name: str,
    *,
    country: str,
    contact: str,
    role: Annotated[tuple[Role, ...], Parameter(negative="")],
    owner: str = "",
    remote: Remote = HERE,
) -> None:
    """Admit a legal entity; prints its member id.

    Parameters
    ----------
    name
        Its name. Only the operator sees it.
    country
        ISO 3166 alpha-2, DE say.
    contact
        How to reach it.
    role
        What it may do; can be given several times.
    owner
        Its beneficial owner, if another member or entity; members of one owner never trade with each other.
    """
    body = {"name": name, "country": country, "contact": contact, "roles": list(role)}
    remote.show(remote.call("POST", "/v1/members", body | ({"owner": owner} if owner else {})))


@app.command(name="list")
def list_members(*, remote: Remote = HERE) -> None:
    """List all members."""
    answer = remote.all_pages("/v1/members", "members")
    if not remote.as_json:
        answer["members"] = [_row(each) for each in answer["members"]]
    remote.show(answer, "members")


def _row(member: dict[str, Any]) -> dict[str, Any]:
    """What tells members apart first; an owner where it is another."""
    owner = member["owner"] if member["owner"] != member["member_id"] else ""
    return {"member_id": member["member_id"], "name": member.get("name", "")} | member | {"owner": owner}


@app.command
def suspend(member_id: str, *, remote: Remote = HERE) -> None:
    """Let a member cancel and confirm, and commit itself to nothing new."""
    _set(remote, member_id, Standing.SUSPENDED)


@app.command
def reinstate(member_id: str, *, remote: Remote = HERE) -> None:
    """Put a member back in good standing."""
    _set(remote, member_id, Standing.GOOD)


def _set(remote: Remote, member_id: str, standing: Standing) -> None:
    path = f"/v1/members/{segment(member_id)}/standing"
    remote.show(remote.call("PUT", path, {"standing": standing}))
