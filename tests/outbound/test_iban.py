import pytest

from exchange.outbound.iban import is_iban


@pytest.mark.parametrize(
    "text, good",
    [
        ("GB33BUKB20201555555555", True),
        ("DE89370400440532013000", True),
        ("NO9386011117947", True),
        ("GB33BUKB20201555555556", False),
        ("GB34BUKB20201555555555", False),
        ("gb33bukb20201555555555", False),
        ("GB33 BUKB 2020 1555 5555 55", False),
        ("", False),
        ("GB33", False),
        ("GB33BUKB2020155555555\u0665", False),
    ],
)
def test_an_iban_has_its_form_and_its_check_number(text: str, good: bool) -> None:
    assert is_iban(text) is good
