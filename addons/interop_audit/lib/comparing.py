"""Are the anchors that were read back those of the database's seals?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .evidence import anchor


@dataclass(frozen=True, slots=True)
class Found:
    """What the lines of one instance say: the statements by number, and what is odd about them.

    ``forged`` are numbers of lines whose signature is not that of the key they name; ``twofold``
    are numbers with more than one statement.
    """

    statements: Mapping[int, str]
    forged: tuple[int, ...]
    twofold: tuple[int, ...]
    reached: int

    def problem(self, stored: Mapping[int, str]) -> str | None:
        """What is wrong, given the database's statements with these numbers; None if nothing is."""
        if self.forged:
            return (
                f"The anchor of seal {self.forged[0]} is not signed by the key it names: somebody "
                "changed it where it lies."
            )
        lost = sorted(number for number in self.statements if number not in stored)
        if lost:
            return (
                f"Seal {lost[0]} was anchored, and the database does not have it: seals were "
                "removed, or the database was restored from a backup."
            )
        other = sorted(number for number, text in self.statements.items() if stored[number] != text)
        if other or self.twofold:
            return (
                f"Seal {min([*other, *self.twofold])} of the database is not the one that was "
                "anchored: the trail was rewritten, or the database was restored from a backup."
            )
        newest = max(self.statements, default=0)
        if newest < self.reached:
            return (
                f"Seal {self.reached} was anchored, and the last one that is there is "
                f"{newest or 'none'}: anchors were removed, or the place is another one on this "
                "server."
            )
        return None


def compare(
    texts: Iterable[str], instance: str, reached: int, accepted_until: str | None = None
) -> Found:
    """Read anchor lines. What is no whole line, or of another instance, is passed over.

    :param reached: number of the newest seal that was written there
    :param accepted_until: moment in the form of a statement's ``sealed_at``: a person has looked at
        what differs among older ones
    """
    statements: dict[int, str] = {}
    forged, twofold = [], []
    for text in texts:
        try:
            anchored = anchor.parse(text)
            facts = anchored.facts
        except ValueError:
            continue
        if facts.instance != instance:
            continue
        if accepted_until and facts.sealed_at <= accepted_until:
            reached = 0 if facts.number >= reached else reached
            continue
        if not anchored.is_signed_by(facts.key):
            forged.append(facts.number)
            continue
        if statements.setdefault(facts.number, anchored.statement) != anchored.statement:
            twofold.append(facts.number)
    return Found(statements, tuple(forged), tuple(twofold), reached)
