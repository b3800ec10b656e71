"""The tables of lives: every state is reached, every life ends, and the READMEs show what the code does."""

from pathlib import Path
from typing import Any

import pytest

import exchange.core.deals
import exchange.core.goods
import exchange.core.ledger
import exchange.core.market
import exchange.core.parties
from exchange.core.messages.base import Side
from exchange.core.messages.lifecycles import (
    AWARD,
    BOND,
    CLAIM,
    COMPLAINT,
    CONSIGNMENT,
    DEAL,
    HUB_LOT,
    INVITATION,
    QUALIFICATION,
    SHIPMENT,
    DealState,
    DealStep,
    after,
    allows,
    diagram,
)
from exchange.core.messages.shown_deals import SEEN

ROOMS: dict[str, tuple[Any, Any]] = {
    "deal": (DEAL, exchange.core.deals),
    "claim": (CLAIM, exchange.core.deals),
    "bond": (BOND, exchange.core.ledger),
    "award": (AWARD, exchange.core.market),
    "complaint": (COMPLAINT, exchange.core.market),
    "consignment": (CONSIGNMENT, exchange.core.goods),
    "hub lot": (HUB_LOT, exchange.core.goods),
    "shipment": (SHIPMENT, exchange.core.goods),
    "invitation": (INVITATION, exchange.core.parties),
    "qualification": (QUALIFICATION, exchange.core.parties),
}


@pytest.mark.parametrize("life", ROOMS)
def test_the_readme_shows_the_life_as_the_code_has_it(life: str) -> None:
    table, room = ROOMS[life]

    assert diagram(table) in (Path(room.__path__[0]) / "README.md").read_text()


@pytest.mark.parametrize("life", ROOMS)
def test_every_state_and_step_is_used_and_every_state_is_reached_from_the_first(life: str) -> None:
    table, _ = ROOMS[life]
    states, steps = {type(state) for state, _ in table}, {type(step) for _, step in table}
    reached = [next(iter(table))[0]]
    for state in reached:
        reached += [to for (of, _), to in table.items() if of is state and to not in reached]

    assert set(reached) == {state for kind in states for state in kind}
    assert {step for _, step in table} == {step for kind in steps for step in kind}


@pytest.mark.parametrize("state", DealState)
def test_a_step_is_taken_where_the_table_has_it_and_nowhere_else(state: DealState) -> None:
    for step in DealStep:
        if allows(DEAL, state, step):
            assert after(DEAL, state, step) is DEAL[state, step]
        else:
            with pytest.raises(AssertionError, match="has no step"):
                after(DEAL, state, step)


@pytest.mark.parametrize("side", Side)
def test_each_side_sees_every_state_as_something(side: Side) -> None:
    assert set(SEEN[side]) == set(DealState)
