"""The page for people at `/docs`, and its two files. Nothing on it comes from anywhere else."""

from pathlib import Path
from typing import Final

from exchange.gateway import docs
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route

FOLDER: Final = Path(docs.__file__).parent
STYLE: Final = (FOLDER / "page.css").read_bytes()
SCRIPT: Final = (FOLDER / "page.js").read_bytes()

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: our two files, and no request to anybody, not even to ourselves."""


async def get_docs(call: Call[NoBody, NoQuery]) -> bytes:
    """REST, WebSocket and refusals on one page, for people; works offline."""
    call.headers |= {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
    }
    return call.ports.documents["docs"]


async def get_style(call: Call[NoBody, NoQuery]) -> bytes:
    """How the page looks."""
    call.headers["Content-Type"] = "text/css; charset=utf-8"
    return STYLE


async def get_script(call: Call[NoBody, NoQuery]) -> bytes:
    """The page's search box."""
    call.headers["Content-Type"] = "text/javascript; charset=utf-8"
    return SCRIPT


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("GET", "/docs", "Read about all of this", get_docs, NoBody, NoQuery, bytes, media="text/html"),
    Route("GET", "/docs/page.css", "Dress the page", get_style, NoBody, NoQuery, bytes, media="text/css"),
    Route(
        "GET", "/docs/page.js", "Search the page", get_script, NoBody, NoQuery, bytes, media="text/javascript"
    ),
)
