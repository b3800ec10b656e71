"""The naive twin of standstills: whether the last award is final is asked afresh of everything said, in order."""

from typing import NamedTuple


class Said(NamedTuple):
    """At an instant: `award`, `default`, `complain`, `uphold` or `reject`, of an alias."""

    at_us: int
    kind: str
    alias: int


class Stands(NamedTuple):
    """What is so at an instant."""

    winner: int  # 0: nobody
    state: str  # "": there was no award
    until_us: int
    complaints: dict[int, str]

    @property
    def waits(self) -> bool:
        """Whether the award is provisional."""
        return self.state in ("provisional", "contested")


def stands(said: list[Said], at_us: int, standstill_us: int) -> Stands:
    """The last award decides; all before it is forgotten."""
    awards = [place for place, each in enumerate(said) if each.kind == "award"]
    if not awards:
        return Stands(0, "", 0, {})
    began, *after = said[awards[-1] :]
    until_us = began.at_us + standstill_us
    complaints: dict[int, str] = {}
    gone = ""
    for each in after:
        if each.kind == "default":
            final = not _open(complaints) and until_us <= each.at_us
            gone = "final" if final else "withdrawn"
            if not final:
                complaints = {
                    alias: "moot" if state == "filed" else state for alias, state in complaints.items()
                }
        elif each.kind == "complain":
            complaints[each.alias] = "filed"
        else:
            complaints[each.alias] = "upheld" if each.kind == "uphold" else "rejected"
            if each.kind == "uphold":
                gone = "withdrawn"
                complaints = {
                    alias: "moot" if state == "filed" else state for alias, state in complaints.items()
                }
    if gone:
        return Stands(0, gone, until_us, complaints)
    if _open(complaints):
        return Stands(began.alias, "contested", until_us, complaints)
    return Stands(began.alias, "final" if at_us >= until_us else "provisional", until_us, complaints)


def _open(complaints: dict[int, str]) -> bool:
    return "filed" in complaints.values()
