"""Text of HTML that is escaped unless it says that it is HTML already."""

from html import escape
from typing import TypeAlias


class Html(str):
    """Markup, not text."""

    __slots__ = ()


Inside: TypeAlias = "str | Html"
_VOID = frozenset({"input", "link", "meta"})


def el(name: str, /, *inside: Inside, **attributes: str | bool) -> Html:
    """One element. A trailing underscore of an attribute's name falls away, others become hyphens."""
    written = "".join(
        _attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items()
    )
    return Html(f"<{name}{written}>") if name in _VOID else Html(f"<{name}{written}>{join(*inside)}</{name}>")


def join(*inside: Inside) -> Html:
    """One after the other."""
    return Html("".join(each if isinstance(each, Html) else escape(each) for each in inside))


def prose(text: str) -> Html:
    """A docstring: blank lines part paragraphs, `backticks` are code."""
    paragraphs = (" ".join(each.split()) for each in text.split("\n\n"))
    return join(*(el("p", coded(each)) for each in paragraphs if each))


def coded(text: str) -> Html:
    """A line in which `backticks` are code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without its fellow
        return join(text)
    return join(*(el("code", part) if at % 2 else part for at, part in enumerate(parts)))


def _attribute(name: str, value: str | bool) -> str:
    if isinstance(value, bool):
        return f" {name}" if value else ""
    return f' {name}="{escape(value)}"'
