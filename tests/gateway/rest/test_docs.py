"""The page is served to anybody, and the browser is told to load nothing but its two files."""

import re

from tests.gateway.house import House


async def test_the_page_and_its_files_are_served_without_a_key(house: House) -> None:
    page = await house.call(None, "GET", "/docs")
    files = [
        await house.call(None, "GET", path)
        for path in re.findall(r'(?:src|href)="(/docs/[^"]+)"', page.raw.decode())
    ]

    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"<!doctype html>" in page.raw and b"op-place_order" in page.raw
    assert [(each.status, each.headers["Content-Type"]) for each in files] == [
        (200, "text/css; charset=utf-8"),
        (200, "text/javascript; charset=utf-8"),
    ]


async def test_the_browser_may_load_our_two_files_and_send_nothing(house: House) -> None:
    page = await house.call(None, "GET", "/docs")
    policy = dict(rule.strip().split(" ", 1) for rule in page.headers["Content-Security-Policy"].split(";"))

    assert policy == {
        "default-src": "'none'", "style-src": "'self'", "script-src": "'self'", "img-src": "data:",
        "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
    }  # fmt: skip
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
