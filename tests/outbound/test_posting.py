"""What is wrong with the settings for mails is said before anything starts."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from exchange.outbound.posting import Posting, Tls


@pytest.mark.parametrize(
    "fields,named",
    [
        ({"mail_from": "nobody"}, "--mail-from"),
        ({"mail_from": "a b@example.org"}, "--mail-from"),
        ({"mail_user": "us"}, "--mail-password-file"),
        ({"mail_user": "us", "mail_password_file": "/nowhere"}, "/nowhere"),
        ({"mail_user": "us", "mail_password_file": __file__, "mail_tls": Tls.NONE}, "unencrypted"),
    ],
)
def test_settings_that_cannot_work_are_named(fields: dict[str, object], named: str) -> None:
    assert named in replace(Posting(mail_host="mail.example.org"), **fields).unfit()


def test_the_usual_settings_will_do_and_reach_the_second_process(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hush\n")
    posting = Posting(mail_host="mail.example.org", mail_user="us", mail_password_file=str(secret))

    assert (Posting().unfit(), posting.unfit()) == ("", "")
    assert Posting.of_text(posting.as_text()) == posting
    assert (posting.password(), Posting().password()) == ("hush", None)
    assert "hush" not in posting.as_text()
