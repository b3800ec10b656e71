"""Tables: nothing folded, nothing that steers the terminal."""

from exchange.console.tables import lines, table, text

ROWS: list[dict[str, object]] = [
    {"lot_id": "a1", "title": "Type A", "price": None},
    {"lot_id": "b22", "winner": "m"},
]


def test_rows_stand_under_the_names_of_all_their_columns() -> None:
    assert table(ROWS).splitlines() == [
        "lot_id  title   price  winner",
        "a1      Type A",
        "b22                    m",
    ]


def test_what_is_wider_than_the_screen_is_told_row_by_row_so_that_no_id_is_cut() -> None:
    assert table(ROWS, width=20) == "lot_id  a1\ntitle   Type A\nprice\n\nlot_id  b22\nwinner  m"
    assert table(ROWS, width=29) == table(ROWS)


def test_one_answer_is_a_line_for_each_of_its_fields() -> None:
    assert lines({"key": "qm_x", "scopes": ["read", "trade"]}) == "key     qm_x\nscopes  read trade"


def test_a_text_is_one_line_whatever_is_in_it() -> None:
    assert text("Bolts [m3] \x1b[31m\n") == "Bolts [m3] \\x1b[31m\\n"
    assert text([{"alias": 1}]) == '[{"alias": 1}]'
    assert text(None) == "" and text(False) == "no" and text(True) == "yes"
