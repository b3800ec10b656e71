"""`exchange key`: create, list and revoke keys."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from exchange.console.remote import HERE, Remote, segment
from exchange.gateway.auth import Scope

app: Final = App(name="key", help="Create, list and revoke keys.")


@app.command
def add(
    member_id: str,
    *,
    scope: Annotated[tuple[Scope, ...], Parameter(negative="")] = (Scope.READ, Scope.TRADE),
    label: str = "",
    remote: Remote = HERE,
) -> None:
    """Create a key for a member. It is printed once and cannot be read again.

    Parameters
    ----------
    scope
        What it may be used for; can be given several times.
    label
        What it is for, for people.
    """
    body = {"member_id": member_id, "scopes": list(scope), "label": label}
    remote.show(remote.call("POST", "/v1/keys", body))


@app.command(name="list")
def list_keys(member_id: str = "", *, remote: Remote = HERE) -> None:
    """List live keys of a member, or one's own."""
    query = {"member_id": member_id} if member_id else {}
    remote.show(remote.call("GET", "/v1/keys", query=query), "keys")


@app.command
def revoke(key_id: str, *, remote: Remote = HERE) -> None:
    """Make a key invalid at once and close its connections."""
    remote.show(remote.call("DELETE", f"/v1/keys/{segment(key_id)}"))
