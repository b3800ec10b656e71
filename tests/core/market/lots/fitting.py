"""Drawn rules of an English lot."""

from hypothesis import strategies as st
from msgspec.structs import replace

from exchange.core.messages.lot_rules import ImproveOn, LotDirection, LotRules, StepBand, TiePolicy
from exchange.core.messages.scoring import Scoring
from tests.models.admission import NaiveAdmission

POLICIES = st.sampled_from([each for each in TiePolicy if each is not TiePolicy.LOTTERY])


@st.composite
def fitting_rules(
    draw: st.DrawFn, tick: int, ceiling: int, min_step: int, scoring: Scoring | None = None
) -> LotRules:
    """Rules of any kind, on the tick, none of which contradicts another."""

    def maybe(low: int, high: int) -> int:
        """Nothing, or so many ticks."""
        return tick * draw(st.just(0) | st.integers(low, high)) if low <= high else 0

    improve_on = draw(st.sampled_from(ImproveOn))
    on_lead = improve_on is ImproveOn.MARKET_LEAD
    borders = sorted(draw(st.sets(st.integers(0, ceiling), max_size=3)))
    bands = [StepBand(border, tick * draw(st.integers(1, 6))) for border in borders]
    step_bps = 0 if bands else draw(st.sampled_from((0, 150, 1_000)))
    front_buffer = None if on_lead or draw(st.booleans()) else maybe(1, 4)
    share = -(-ceiling * step_bps // 10_000 // tick)
    largest = max(min_step, *(band.step for band in bands), front_buffer or 0) // tick
    floor_price = maybe(1, 8)
    rules = LotRules(
        improve_on=improve_on,
        step_bps=step_bps,
        step_bands=bands,
        step_multiple_only=not (scoring and on_lead) and draw(st.booleans()),
        max_step=maybe(max(largest, share), 20),
        front_buffer=front_buffer,
        back_buffer=0 if on_lead else maybe(1, 4),
        tie_policy=draw(POLICIES),
        floor_price=floor_price,
        qualification_price=maybe(max(1, floor_price // tick), ceiling // tick),
        scoring=scoring,
    )
    drafts = [NaiveAdmission(way, ceiling, min_step, tick, rules) for way in LotDirection]
    left = all(draft.next_taken("s1", draft.opening()) for draft in drafts)
    return rules if left else replace(rules, qualification_price=0)
