"""Verification of a trail: every entry in exactly one seal, as it was sealed, and nothing else.

Streams: of an entry that fits, nothing is kept. A million entries take some seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .chain import Chain
from .drops import MARK as DROP_MARK
from .drops import Drops
from .findings import Finding, Findings, is_bad
from .outside import Outside
from .seal import Statement
from .sealed import Sealed
from .source import Epoch, Source, Start

#: An entry that is not sealed after this time is a warning.
LAG = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification says.

    ``entries`` were compared with ``seals`` seals, from ``first_seal`` to ``last_seal``;
    ``unsealed`` are younger than that and not protected yet; ``gone`` were dropped with their
    months in order. ``sealed_at`` is the time of the last seal (ISO 8601); ``keys`` signed them,
    in order of use; ``log_root`` is the root over all their statements. ``anchors`` lines from
    outside were compared, the newest of them of seal ``highest_anchor``. ``is_complete`` says
    whether the verification went on to the trail's end.
    """

    entries: int
    unsealed: int
    gone: int
    seals: int
    first_seal: int
    last_seal: int
    sealed_at: str
    keys: Sequence[str]
    log_root: str
    anchors: int
    highest_anchor: int
    is_complete: bool
    findings: Sequence[Finding]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong; notes do not count."""
        return not any(map(is_bad, self.findings))


def verify(
    source: Source,
    trusted: Collection[str],
    *,
    anchors: Iterable[str] = (),
    start: Start | None = None,
    now: datetime | None = None,
    known: Iterable[Finding] = (),
    progress: Callable[[int, int], None] = lambda entries, seals: None,
) -> Report:
    """Verify a trail.

    ``trusted`` are raw Ed25519 public keys in hex, ``anchors`` lines from outside. ``start`` begins
    after a seal that an earlier verification has seen. ``now`` is what the age of unsealed entries
    is counted from. ``known`` was found already by looking at something else. ``progress`` is
    called with the entries and seals done so far.
    """
    findings = Findings()
    for finding in known:
        findings.take(finding)
    outside = Outside(anchors, trusted)
    epochs = sorted(source.epochs(), key=lambda epoch: epoch.number)
    begins = {epoch.number: epoch.after for epoch in epochs}
    chain = Chain(trusted, outside, findings, begins, start)
    drops = Drops(source.dropped())
    sealed = Sealed(findings, drops, source.has_leaves)
    newest = _Newest(epochs[-1] if epochs else None)
    if chain.last is not None:
        newest.follow(chain.last)
    for chunk in source.chunks():
        # What a seal that cannot be read held cannot be told; that it cannot be read is.
        statements = [found for found in map(chain.follow, chunk.seals) if found is not None]
        sealed.take(chunk, statements)
        for statement in statements:
            newest.follow(statement)
        progress(sealed.entries, chain.count)
    complete, unsealed = source.is_complete, 0
    if complete:
        unsealed = _take_loose(source, newest, drops, findings, now or datetime.now(UTC))
    for proven in source.drops_elsewhere():
        drops.take_proven(proven, trusted)
    gone = sealed.finish()
    if complete and start is None:
        _tell_epochs(epochs, newest, findings)
    drops.tell(findings)
    outside.finish(chain.number, findings, complete=complete)
    keys = chain.finish()
    return Report(
        entries=sealed.entries,
        unsealed=unsealed,
        gone=gone,
        seals=chain.count,
        first_seal=chain.first_number or 0,
        last_seal=chain.number,
        sealed_at=chain.last.sealed_at if chain.last else "",
        keys=keys,
        log_root=chain.log_root,
        anchors=outside.count,
        highest_anchor=outside.highest,
        is_complete=complete,
        findings=list(findings),
    )


class _Newest:
    """How far the seals reach: what lies behind that is not sealed yet, by nobody's fault."""

    def __init__(self, epoch: Epoch | None) -> None:
        self._epoch = epoch
        self._low: int | None = None
        self._bridged = 0
        #: Greatest id in the ranges of each epoch.
        self.until: dict[int, int] = {}

    def follow(self, statement: Statement) -> None:
        if statement.kind == "bridge":
            self._bridged = int(statement.high)
            return
        self.until[statement.epoch] = max(self.until.get(statement.epoch, 0), statement.last)
        if self._epoch is not None and statement.epoch == self._epoch.number:
            self._low = int(statement.high)

    def is_open(self, entry: int, txid: int) -> bool:
        """Whether an entry that no seal holds may still get into one."""
        if self._epoch is None:
            return True
        if entry > self._epoch.after:
            return self._low is None or txid >= self._low
        return self._low is None and entry > self._bridged


def _take_loose(
    source: Source, newest: _Newest, drops: Drops, findings: Findings, now: datetime
) -> int:
    """How many entries are not sealed yet. What never will be was slipped in."""
    unsealed, oldest = 0, 0
    for line in source.loose():
        number, ts, txid, _rest = line.split(b"\t", 3)
        if not newest.is_open(int(number), int(txid)):
            findings.add(
                "inserted",
                f"Entry {int(number)} was slipped in: what was written with it was sealed "
                "without it.",
                entry=int(number),
            )
            continue
        unsealed += 1
        oldest = min(oldest or int(ts), int(ts))
        if DROP_MARK in line:
            drops.take(line, sealed=False)
    if unsealed:
        many = "1 entry" if unsealed == 1 else f"{unsealed} entries"
        findings.add("unsealed", f"Younger than the last seal, so not protected yet: {many}.")
        age = now - datetime.fromtimestamp(oldest / 1_000_000, UTC)
        if age > LAG:
            findings.add(
                "lag",
                f"The oldest entry that is not sealed yet waits for {age // timedelta(minutes=1)} "
                "minutes. Is the sealing running, and does no transaction stand open?",
            )
    return unsealed


def _tell_epochs(epochs: Sequence[Epoch], newest: _Newest, findings: Findings) -> None:
    for before, epoch in zip(epochs, epochs[1:], strict=False):
        findings.add(
            "restored",
            f"Epoch {epoch.number} began after entry {epoch.after}: the database came to stand "
            "elsewhere, as after a restore. What was written between the backup and the restore "
            "is not in the trail.",
        )
        if before.until != newest.until.get(before.number, before.after):
            findings.add(
                "bad_statement",
                f"Epoch {before.number} is stored with another end than its seals have.",
            )
