import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from unittest.mock import patch

from odoo.tests import BaseCase

from ..lib import tokens
from ..lib.tokens import ClientRefused, Grant, Lease, TokenCredentials, TokenOrder
from ..lib.transport import TransportError


@dataclass
class Held:
    value: str
    generation: int
    refresh_in: float
    expires_in: float


class Shelf:
    """The database's side in memory: one row, one lease, shared by several "processes"."""

    def __init__(self, secrets=("new",)):
        self.lock = threading.Lock()
        self.secrets = secrets
        self.kept = None
        self.kept_at = 0.0
        self.fresh = True
        self.leased = None
        self.reads = self.previous = 0

    def held(self):
        with self.lock:
            self.reads += 1
            if self.kept is None:
                return None
            value, generation, refresh, lifetime = self.kept
            age = time.monotonic() - self.kept_at
            if age >= lifetime:
                return None
            return Held(value, generation, refresh - age, lifetime - age)

    def lease(self, generation, seconds):
        with self.lock:
            if self.leased or (self.kept is not None and self.kept[1] != generation):
                return None
            self.leased = object()
            orders = [TokenOrder("https://idp.example", "us", secret) for secret in self.secrets]
            return Lease(self.leased, orders)

    def store(self, lease, generation, grant):
        with self.lock:
            if self.leased is not lease.code:
                return False
            self.kept = (grant.token, generation, grant.lifetime * 0.8, grant.lifetime)
            self.kept_at = time.monotonic()
            self.leased = None
            return True

    def release(self, lease):
        with self.lock:
            self.leased = None

    def drop(self, generation):
        with self.lock:
            if self.kept is not None and self.kept[1] == generation and not self.fresh:
                self.kept = None

    def previous_used(self):
        self.previous += 1

    def age(self, seconds):
        self.kept_at -= seconds


class TokenCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.shelf = Shelf()
        self.asked = []
        self.failure = None
        self.delay = 0.0
        self.lifetime = 3600.0

    def request(self, order):
        self.asked.append(order.client_secret)
        number = len(self.asked)
        time.sleep(self.delay)
        if self.failure is not None:
            raise self.failure
        return Grant(f"token-{number}", self.lifetime)

    def credentials(self, lock=None):
        return TokenCredentials(self.shelf, self.request, lock or threading.Lock())


class TestTokens(TokenCase):
    def test_a_token_is_asked_for_once_and_then_kept(self):
        credentials = self.credentials()
        self.assertEqual([credentials.present(5) for _ in range(5)], ["token-1"] * 5)
        self.assertEqual(self.credentials().present(5), "token-1", "another process reads it")
        self.assertEqual(len(self.asked), 1)

    def test_under_load_one_process_asks_and_the_others_wait(self):
        self.delay = 0.3
        locks = [threading.Lock() for _process in range(4)]
        with ThreadPoolExecutor(32) as pool:
            jobs = [
                pool.submit(self.credentials(locks[number % 4]).present, 30) for number in range(32)
            ]
            self.assertEqual({job.result() for job in jobs}, {"token-1"})
        self.assertEqual(len(self.asked), 1)

    def test_ahead_of_its_end_one_asks_and_the_others_go_on_with_the_old_one(self):
        processes = [self.credentials() for _ in range(4)]
        for credentials in processes:
            credentials.present(5)
        self.shelf.age(3000)
        for credentials in processes:
            credentials._known.refresh_at -= 3000
            credentials._known.expires_at -= 3000
        entered, go_on = threading.Event(), threading.Event()
        ask = self.request

        def slow(order):
            entered.set()
            go_on.wait(30)
            return ask(order)

        processes[0]._request = slow
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(processes[0].present, 30)
            entered.wait(30)
            for credentials in (*processes[1:], processes[0]):
                self.assertEqual(credentials.present(5), "token-1", "it is still valid")
            go_on.set()
            self.assertEqual(first.result(), "token-2")
        self.assertEqual(len(self.asked), 2)

    def test_who_reads_a_token_near_its_end_sees_to_the_next_one(self):
        self.credentials().present(5)
        self.shelf.age(3000)
        self.assertEqual(self.credentials().present(5), "token-2")
        self.assertEqual(len(self.asked), 2)

    def test_who_comes_while_the_next_token_is_got_goes_on_with_the_old_one(self):
        lock = threading.Lock()
        self.credentials().present(5)
        self.shelf.age(3000)
        with lock:  # another thread of this process is at it, and the token server hangs
            self.assertEqual(self.credentials(lock).present(5), "token-1")
        self.assertEqual(len(self.asked), 1)

    def test_a_failure_ahead_of_the_end_does_no_harm(self):
        credentials = self.credentials()
        credentials.present(5)
        self.shelf.age(3000)
        credentials._known.refresh_at -= 3000
        self.failure = TransportError("down", kind="transient")
        for _ in range(5):
            self.assertEqual(credentials.present(5), "token-1")
        self.assertEqual(len(self.asked), 2, "nobody insists")

    def test_a_failure_is_told_to_all_who_come_soon_after_without_asking_again(self):
        self.failure = TransportError("The token server refused.", kind="partner")
        credentials = self.credentials()
        for _ in range(5):
            with self.assertRaises(TransportError) as caught:
                credentials.present(5)
            self.assertEqual(caught.exception.failure_class, "partner")
        self.assertEqual(len(self.asked), 1)
        self.failure = None
        with patch.object(tokens, "PAUSE", 0.0):
            self.assertEqual(credentials.present(5), "token-2")

    def test_who_waits_too_long_is_told_that_nothing_was_sent(self):
        self.shelf.leased = object()  # a process that asks, and does not come back
        with self.assertRaises(TransportError) as caught:
            self.credentials().present(0.3)
        self.assertEqual(caught.exception.failure_class, "transient")
        self.assertEqual(self.asked, [])

    def test_a_refused_token_is_replaced_once(self):
        self.shelf.fresh = False
        credentials = [self.credentials() for _ in range(4)]
        for each in credentials:
            each.present(5)
        self.assertEqual([each.refused("token-1", 5) for each in credentials], ["token-2"] * 4)
        self.assertEqual(len(self.asked), 2)

    def test_a_fresh_token_that_is_refused_is_not_replaced(self):
        credentials = self.credentials()
        credentials.present(5)
        self.assertIsNone(credentials.refused("token-1", 5))
        self.assertEqual(len(self.asked), 1)

    def test_the_client_secret_before_serves_if_the_new_one_is_refused(self):
        self.shelf.secrets = ("new", "old")

        def request(order):
            if order.client_secret == "new":
                self.asked.append("new")
                raise ClientRefused("no", kind="partner")
            return self.request(order)

        credentials = TokenCredentials(self.shelf, request, threading.Lock())
        self.assertEqual(credentials.present(5), "token-2")
        self.assertEqual((self.asked, self.shelf.previous), (["new", "old"], 1))

    def test_another_failure_does_not_try_the_secret_before(self):
        self.shelf.secrets = ("new", "old")
        self.failure = TransportError("down", kind="transient")
        with self.assertRaises(TransportError):
            self.credentials().present(5)
        self.assertEqual(self.asked, ["new"])

    def test_a_token_that_ends_at_once_serves_the_one_who_asked(self):
        self.lifetime = 1.0
        credentials = self.credentials()
        self.assertEqual(credentials.present(5), "token-1")
        self.assertEqual(credentials.present(5), "token-2")

    def test_a_secret_that_was_changed_meanwhile_keeps_no_old_token(self):
        def request(order):
            self.shelf.leased = None  # the row with the lease was deleted
            return self.request(order)

        credentials = TokenCredentials(self.shelf, request, threading.Lock())
        self.assertEqual(credentials.present(5), "token-1")
        self.assertIsNone(self.shelf.kept)
