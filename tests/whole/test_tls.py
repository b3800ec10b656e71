"""A served certificate: the client trades over wss, and nothing goes through in the clear."""

import signal
import ssl
from pathlib import Path

import pytest

from exchange_client import Client, Stopped, Unreachable
from exchange_client.messages import SetCommission
from tests.gateway.test_server import CERT, KEY
from tests.whole.server import a_server


async def test_over_wss_a_client_that_trusts_the_certificate_is_served_and_no_other(tmp_path: Path) -> None:
    options = ("--no-follower", "--tls-cert", str(CERT), "--tls-key", str(KEY))
    async with a_server(tmp_path / "data", *options) as server:
        url = f"wss://localhost:{server.port}/v1/ws"
        trusting = ssl.create_default_context(cafile=CERT)
        async with Client(url, key=server.operator_key, ssl=trusting) as client:
            ack = await client.send(SetCommission(rate_bps=700))
        with pytest.raises(Stopped, match="certificate is not trusted"):
            async with Client(url, key=server.operator_key):
                pass
        with pytest.raises(Unreachable):
            async with Client(url.replace("wss", "ws"), key=server.operator_key, connect_s_max=1):
                pass
        assert await server.end(signal.SIGINT) == 0

    assert ack.at_us > 0
    assert "Traceback" not in server.log.read_text()
