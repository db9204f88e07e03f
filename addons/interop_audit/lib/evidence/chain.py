"""The seals among themselves: each statement well formed, signed, and following from the last.

Says nothing about entries; `trail` does.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping

from . import merkle, seal
from .findings import Findings
from .outside import Outside
from .seal import Statement
from .source import Start, StoredSeal
from .trust import Trust


class Chain:
    """Takes the seals one after the other, in the order in which they are stored."""

    def __init__(
        self,
        trusted: Collection[str],
        outside: Outside,
        findings: Findings,
        epochs: Mapping[int, int],
        start: Start | None = None,
    ) -> None:
        self._findings = findings
        self._outside = outside
        self._epochs = epochs
        self._trust = Trust(trusted)
        self._log = merkle.Frontier()
        self._log_fits = True
        self._text: str | None = None
        self._expected = 1
        self.last: Statement | None = None
        self.first_number: int | None = None
        #: How many seals were followed, and the number of the last one.
        self.count = 0
        self.number = 0
        if start is not None:
            self._begin(start)

    def _begin(self, start: Start) -> None:
        statement = self._parsed(start.seal)
        self._log = merkle.Frontier.from_bytes(start.frontier)
        self._text, self.number = start.seal.statement, start.seal.number
        self._expected = start.seal.number + 1
        if self._log.size != start.seal.number:
            self._findings.add(
                "broken_chain",
                f"The stored log tree of seal {start.seal.number} is not that of its number.",
                seal=start.seal.number,
            )
        if statement is not None:
            self._check_key(start.seal, statement)
            self.last = statement

    def follow(self, stored: StoredSeal) -> Statement | None:
        """Check the next seal. None if its statement cannot be read, so says nothing."""
        self.count += 1
        self._check_number(stored)
        self._outside.meet(stored, self._findings)
        statement = self._parsed(stored)
        if statement is not None:
            self._check_links(stored, statement)
            self._check_key(stored, statement)
            if self.last is not None:
                self._check_bounds(stored, self.last, statement)
            if self._epochs.get(statement.epoch) != statement.after:
                self._add(
                    "bad_statement", stored, "names a beginning of its epoch that is not stored"
                )
            self.last = statement
        self._log.append(seal.digest(stored.statement))
        if stored.frontier is not None and stored.frontier != self._log.to_bytes():
            self._add("broken_chain", stored, "is stored with a log tree that is not its own")
        self._text, self.number = stored.statement, stored.number
        self._expected = stored.number + 1
        return statement

    def finish(self) -> list[str]:
        """Judge the keys; gives them in the order of their use."""
        self._trust.judge(self._findings)
        return self._trust.keys

    @property
    def log_root(self) -> str:
        """Root of the log tree over all statements so far, hex."""
        return self._log.root().hex()

    # -- one seal ------------------------------------------------------------------------------

    def _check_number(self, stored: StoredSeal) -> None:
        if self.first_number is None:
            self.first_number = stored.number
        if stored.number > self._expected:
            missing = _numbers(self._expected, stored.number - 1)
            self._findings.add("deleted", f"{missing} missing.", seal=self._expected)
            # Whatever is missing is missing in the log too; that is said once, here.
            self._log_fits, self._text = False, None
        elif stored.number < self._expected:
            self._add("reordered", stored, f"stands after seal {self._expected - 1}")

    def _parsed(self, stored: StoredSeal) -> Statement | None:
        try:
            statement = Statement.parse(stored.statement)
        except ValueError:
            self._add("bad_statement", stored, "has a statement that is none")
            return None
        told = [
            name
            for name, value in (stored.columns or {}).items()
            if value != getattr(statement, name)
        ]
        if told or statement.number != stored.number:
            names = ", ".join(told or ["number"])
            self._add("bad_statement", stored, f"is stored with other values ({names}) than signed")
        return statement

    def _check_links(self, stored: StoredSeal, statement: Statement) -> None:
        if self._text is not None or stored.number == 1:
            before = seal.digest(self._text).hex() if self._text is not None else ""
            if not hmac.compare_digest(before, statement.previous):
                self._add("broken_chain", stored, "does not follow from the seal before it")
                self._log_fits = False
        if self._log_fits and self._log.root().hex() != statement.log:
            self._add("broken_chain", stored, "names a log of earlier seals that is not theirs")
            self._log_fits = False

    def _check_key(self, stored: StoredSeal, statement: Statement) -> None:
        if not seal.verify(statement.key, stored.statement, stored.signature):
            self._add("bad_statement", stored, "has a signature that does not fit its statement")
        last = self.last
        endorsed = (
            last is not None
            and last.key != statement.key
            and bool(stored.endorsement)
            and seal.verify(last.key, stored.statement, stored.endorsement or b"")
        )
        if stored.endorsement and not endorsed:
            self._add("bad_statement", stored, "has an endorsement that does not fit")
        self._trust.follow(stored.number, statement.key, endorsed)

    def _check_bounds(self, stored: StoredSeal, last: Statement, statement: Statement) -> None:
        """Seals lie side by side: no entry can fall between two of them, or into both."""
        if statement.instance != last.instance:
            self._add("broken_chain", stored, "belongs to another installation")
        if statement.total != last.total + statement.count:
            self._add("broken_chain", stored, "counts the entries so far otherwise")
        if statement.epoch < last.epoch or (
            statement.epoch == last.epoch and statement.after != last.after
        ):
            self._add("broken_chain", stored, "goes back to an earlier epoch")
        if (
            statement.epoch == last.epoch
            and statement.kind == last.kind
            and statement.low != last.high
        ):
            self._add("broken_chain", stored, "does not begin where the seal before it ended")

    def _add(self, code: str, stored: StoredSeal, sentence: str) -> None:
        self._findings.add(code, f"Seal {stored.number} {sentence}.", seal=stored.number)


def _numbers(first: int, last: int) -> str:
    return f"Seal {first} is" if first == last else f"Seals {first} to {last} are"
