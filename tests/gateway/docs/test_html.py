"""Text stays text, whatever it holds."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from exchange.gateway.docs.html import Html, el, join, prose


class Reader(HTMLParser):
    """What a browser makes of it."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


printable = st.text(st.characters(blacklist_categories=("Cs", "Cc")))


@given(printable, printable)
def test_text_and_attributes_come_through_unchanged_and_make_no_element(text: str, value: str) -> None:
    read = Reader(el("p", text, data_words=value))

    assert read.tags == [("p", [("data-words", value)])]
    assert read.text == text


@given(printable)
def test_prose_makes_nothing_but_paragraphs_and_code(text: str) -> None:
    assert {tag for tag, _ in Reader(prose(text)).tags} <= {"p", "code"}


def test_markup_is_written_as_it_is_and_text_is_not() -> None:
    assert join("a < b", el("br"), Html("&amp;")) == "a &lt; b<br></br>&amp;"
    assert el("input", hidden=True, disabled=False, for_="x") == '<input hidden for="x">'
    assert prose("One `a <b>`\ntwo.\n\nThree `odd.") == (
        "<p>One <code>a &lt;b&gt;</code> two.</p><p>Three `odd.</p>"
    )
