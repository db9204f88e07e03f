"""What kinds of exception there are, and how soon a person should have looked at one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`due_hours`: time a person has when whoever raises the exception says nothing else."""

    code: str
    label: str
    due_hours: int


DEAD_LETTER = Kind("dead_letter", "Dead letter", 8)
VIOLATION = Kind("violation", "Policy violation", 8)
DIFFERENCE = Kind("difference", "Difference", 24)
OVERDUE = Kind("overdue", "Overdue answer", 24)
MISSING_NUMBER = Kind("missing_number", "Missing control number", 24)
UNRELEASED = Kind("unreleased", "Batch not released", 4)
EVIDENCE = Kind("evidence", "Evidence", 4)

KINDS = {
    kind.code: kind
    for kind in (DEAD_LETTER, VIOLATION, DIFFERENCE, OVERDUE, MISSING_NUMBER, UNRELEASED, EVIDENCE)
}


def kind_of_failure(failure_class: str | None) -> Kind:
    """A message that a policy stopped is a violation; any other dead message is a dead letter.

    >>> kind_of_failure("policy").code, kind_of_failure("partner").code
    ('violation', 'dead_letter')
    """
    return VIOLATION if failure_class == "policy" else DEAD_LETTER
