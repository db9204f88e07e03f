"""Many processes need an access token at once, and some die while they ask for it."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from farm import until

sys.path.append(str(Path(__file__).parents[2] / "addons" / "interop_transport_http" / "tests"))

from token_server import TokenServer  # noqa: E402


@pytest.fixture
def tokens():
    server = TokenServer()
    yield server
    server.stop()


def with_tokens(farm, tokens, code):
    """A flow to a partner that lets in who shows a token; the id of the secret for it."""
    farm.flow(code, url=f"{tokens.base}/orders", order_by="none", max_in_flight=64)
    return farm.nursery.run("authenticate", flow=code, token_url=tokens.url)


def test_three_workers_under_load_ask_once(farm, tokens, size):
    tokens.delay = 0.5
    secret = with_tokens(farm, tokens, "token-load")
    count = size.of(120, 3000)
    farm.emit("token-load", [(f"t-{number}", 0) for number in range(count)])
    for _worker in range(3):
        farm.worker(slots=16)
    assert farm.settled() == {"done": count}
    assert len(tokens.requests) == 1
    assert set(tokens.orders) == {"token-1"}

    # The partner forgets its tokens: the first 401 has it replaced, once for all three.
    farm.nursery.run("age_token", secret=secret, seconds=60)
    tokens.valid.clear()
    farm.emit("token-load", [(f"u-{number}", 0) for number in range(count)])
    assert farm.settled() == {"done": 2 * count}
    assert len(tokens.requests) == 2
    farm.retire()


def test_processes_refresh_ahead_while_the_others_go_on(farm, tokens):
    secret = with_tokens(farm, tokens, "token-ahead")
    farm.nursery.run("show_token", secret=secret, threads=1, seconds=10)
    farm.nursery.run("age_token", secret=secret, seconds=3400)
    tokens.delay = 1.0
    children = [
        farm.nursery.start("show_token", secret=secret, threads=8, seconds=30) for _ in range(4)
    ]
    shown = [token for child in children for token in child.result()]
    assert len(shown) == 32
    assert set(shown) <= {"token-1", "token-2"}
    assert len(tokens.requests) == 2
    assert farm.nursery.run("show_token", secret=secret, threads=1, seconds=10) == ["token-2"]


def test_a_process_that_is_killed_while_it_asks_is_replaced(farm, tokens):
    tokens.delay = 60.0
    secret = with_tokens(farm, tokens, "token-killed")
    victim = farm.nursery.start("show_token", secret=secret, threads=1, seconds=4)
    until(lambda: tokens.requests, "a request")
    victim.signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    tokens.delay = 0.0
    shown = farm.nursery.run("show_token", secret=secret, threads=4, seconds=30)
    assert shown == ["token-2"] * 4, "the lease of the dead one ended"
    assert len(tokens.requests) == 2


def test_a_copy_of_the_database_asks_nobody(farm, tokens):
    secret = with_tokens(farm, tokens, "token-fence")
    farm.nursery.run("close_fence", closed=True)
    try:
        [told] = farm.nursery.run("show_token", secret=secret, threads=1, seconds=5)
    finally:
        farm.nursery.run("close_fence", closed=False)
    assert told.startswith("transient: The environment fence is closed"), told
    assert tokens.requests == []


def test_neither_secret_nor_token_is_in_a_log_or_a_table(farm, tokens):
    with_tokens(farm, tokens, "token-canary")
    tokens.clients = {}
    farm.emit("token-canary", [("c-0", 0)])
    farm.worker()
    farm.settled()
    told = farm.rows(
        "SELECT failure_class, failure FROM interop_message WHERE uuid = ANY (%s)", farm.accepted
    )
    [(kind, sentence)] = told
    assert kind == "partner"
    assert "does not accept the client ID and secret" in sentence
    for worker in farm.workers:
        for canary in ("client-secret", "told-in-confidence"):
            assert canary not in worker.log + sentence
    farm.retire()
