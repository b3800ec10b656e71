"""What is told to one viewer of a lot beside what all of its class are told."""

import pytest
from msgspec import UNSET

from exchange.core.market.sourcing import LotState
from exchange.core.messages.sourcing import Disclosure
from exchange.core.visibility.lots import Relation, lot_face
from tests.core.test_visibility import COUNTED, HIDDEN, OPEN_BOOK, an_event


@pytest.mark.parametrize("disclosure", [HIDDEN, COUNTED, OPEN_BOOK])
@pytest.mark.parametrize("awarded", [1, 2])
def test_what_all_are_told_is_not_told_once_more_as_ones_own(disclosure: Disclosure, awarded: int) -> None:
    """Or else a winner whose award goes to another is told, in one change, who has won and that nobody has."""
    event, lot = an_event(disclosure, LotState.AWARDED, awarded)
    face = lot_face(event, lot, Relation.SUPPLIER)
    assert face.own is not None

    own = [name for viewer in ("s1", "s2", "s3") for name in face.own.fields(viewer)]

    assert [name for name in own if getattr(face.lot, name) is not UNSET] == []
