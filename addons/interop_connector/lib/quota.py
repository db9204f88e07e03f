"""How much a partner may send us, as arithmetic: token buckets for deliveries and bytes."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

# So long an address is listened to after the partner has signed from there.
TRUST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connector takes in. 0 is no limit, everywhere.

    `rate` and `burst` are deliveries: per minute, and at once after a quiet time. `bytes_rate` is
    per minute. `backlog` is open messages of the partner. `unsigned_rate` is refused signatures a
    minute and address. `networks` is text, see `networks.parse`.
    """

    rate: int = 0
    burst: int = 0
    bytes_rate: int = 0
    backlog: int = 0
    max_bytes: int = 0
    unsigned_rate: int = 0
    networks: str = ""

    @property
    def counts(self) -> bool:
        """Whether a delivery has to be counted."""
        return self.rate > 0 or self.bytes_rate > 0

    @property
    def most_at_once(self) -> int:
        """Without a burst of its own: as many as in ten seconds."""
        return self.burst or max(math.ceil(self.rate / 6), 1)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is left in the two buckets. None: never used, so full. Bytes may be owed (below 0)."""

    deliveries: float | None = None
    bytes: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a delivery made of the buckets. `wait` is None if it may come in, else seconds."""

    tokens: Tokens
    wait: float | None = None
    reason: str = ""


def take(limits: Limits, tokens: Tokens, elapsed: float, size: int) -> Taken:
    """Let the buckets fill for `elapsed` seconds and take one delivery of `size` bytes.

    One that is refused takes nothing. A payload larger than a minute's bytes comes in when its
    bucket is full, and the next ones wait until what it owes is made up for: no payload is too
    large for ever, and the rate holds over time. A clock that goes back fills nothing.
    """
    elapsed = max(elapsed, 0.0)
    waits: list[tuple[float, str]] = []
    deliveries = filled = None
    if limits.rate > 0:
        most, speed = float(limits.most_at_once), limits.rate / 60
        deliveries = _filled(tokens.deliveries, most, speed, elapsed)
        if deliveries < 1:
            waits.append(((1 - deliveries) / speed, "rate"))
    if limits.bytes_rate > 0:
        most, speed = float(limits.bytes_rate), limits.bytes_rate / 60
        filled = _filled(tokens.bytes, most, speed, elapsed)
        needed = min(float(size), most)
        if filled < needed:
            waits.append(((needed - filled) / speed, "bytes"))
    if waits:
        wait, reason = max(waits)
        return Taken(Tokens(deliveries, filled), wait, reason)
    return Taken(
        Tokens(
            None if deliveries is None else deliveries - 1,
            None if filled is None else filled - size,
        )
    )


def _filled(tokens: float | None, most: float, speed: float, elapsed: float) -> float:
    return most if tokens is None else min(most, tokens + elapsed * speed)


class AddressBound:
    """How often an address may come to one door without a valid signature, in this process.

    In memory, so that somebody who cannot sign costs the database nothing and takes nothing of the
    partner's own quota. As many addresses as `most` are remembered, those last seen. An address
    from which the partner has lately signed is listened to, whoever else sends from there: the
    partner behind the same proxy is not shut out.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._lock = Lock()
        self._buckets: OrderedDict[tuple[int, str], tuple[float, float]] = OrderedDict()
        self._trusted: OrderedDict[tuple[int, str], float] = OrderedDict()

    def wait(self, door: int, address: str, rate: int, now: float) -> float | None:
        """Seconds for which `address` is not listened to, None if it is. Takes nothing."""
        if rate <= 0:
            return None
        key = (door, address)
        with self._lock:
            if now - self._trusted.get(key, -TRUST_SECONDS) < TRUST_SECONDS:
                return None
            tokens = self._tokens(key, rate, now)
        return None if tokens >= 1 else (1 - tokens) * 60 / rate

    def note(self, door: int, address: str, rate: int, now: float) -> None:
        """`address` came without a valid signature."""
        if rate <= 0:
            return
        key = (door, address)
        with self._lock:
            self._buckets[key] = (max(self._tokens(key, rate, now) - 1, 0.0), now)
            self._buckets.move_to_end(key)
            while len(self._buckets) > self._most:
                self._buckets.popitem(last=False)

    def trust(self, door: int, address: str, now: float) -> None:
        """`address` came with a valid signature."""
        with self._lock:
            self._trusted[door, address] = now
            self._trusted.move_to_end((door, address))
            while len(self._trusted) > self._most:
                self._trusted.popitem(last=False)

    def _tokens(self, key: tuple[int, str], rate: int, now: float) -> float:
        tokens, at = self._buckets.get(key, (float(rate), now))
        return min(float(rate), tokens + max(now - at, 0.0) * rate / 60)
