"""What a rule may do with a field: one small object per action, found by its code.

An action says what its pattern and parameter mean, what still points to the value in what it shows
(so that clearance and residency can cap it), and makes the leaf that does it. More may be
registered by other modules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_base.lib.registry import Registry
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from .context import Token
from .encrypt import Encrypt
from .generalise import GROUPINGS, bounds_of
from .mask import MASKS
from .redact import redact
from .residency import Residency
from .rules import Rule
from .tokens import (
    DEFAULT_LENGTH,
    LONGEST,
    SHAPES,
    SHORTEST,
    keyed_hash,
    length_of,
    tokenise,
)
from .tree import Computed, Leaf, Plain, Planter, Refused, Required, Run, Shown, Stop


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known when a policy is compiled: whereto, for whom, and why data leaves.

    The defaults are the strictest.
    """

    clearance: Sensitivity = Sensitivity.public
    residency: Residency = Residency()
    company: int = 0
    purpose: str = ""
    encrypt: Encrypt | None = None
    """Encrypts for the connector's recipient; None if it has no key."""


class Action:
    """An action. The class's own values are those of one that shows the value as it is."""

    code: str
    label: str
    outcome: str
    """What people read where it happened."""
    help: str
    patterns: Mapping[str, str] = {}
    """What a rule's pattern may be: code and label. Empty: it has none."""
    default_pattern: str | None = None
    parameter_help: str = ""
    """What a rule's parameter means; empty if it has none."""
    leaves = True
    """Something about the field leaves: the value, or what was made of it."""
    derives = True
    """What leaves was made from the value, so that clearance and residency count."""
    lowers = False
    """What leaves is harmless enough to go above the clearance (a secret never does)."""
    demands = False
    """The message stops without the field."""
    keyed = False
    """It needs the keys of `Context`."""

    def identifies(self, pattern: str | None) -> bool:
        """Whether what leaves may still point to a person: it then stays in the listed regions."""
        return self.derives

    def check(self, rule: Rule) -> None:
        """Return if pattern and parameter of a rule can be meant, else raise `ValueError`."""
        if not self.patterns:
            if rule.pattern is not None:
                raise ValueError("only a mask has a pattern")
        elif rule.pattern is not None and rule.pattern not in self.patterns:
            what, known = self.label.lower(), ", ".join(self.patterns)
            raise ValueError(f"unknown {what}; known are {known}")
        if rule.parameter is not None and not self.parameter_help:
            raise ValueError(f"the action {self.label.lower()} takes no parameter")
        if rule.reversible and self.code != "tokenise":
            raise ValueError("only a token can come back")
        self.check_parameter(rule)

    def check_parameter(self, rule: Rule) -> None:
        """Return if a rule's parameter fits its pattern, else raise `ValueError`."""

    def pattern_of(self, rule: Rule) -> str | None:
        return rule.pattern or self.default_pattern

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        """Makes the leaf for the field at `path`."""
        raise NotImplementedError


ACTIONS: Registry[Action] = Registry("action")


def action(kind: type[Action]) -> type[Action]:
    ACTIONS.register(kind.code, kind())
    return kind


@action
class Send(Action):
    code, label, outcome = "send", "Send", "Sent"
    help = "As it is."

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        return Plain


@action
class Drop(Action):
    code, label, outcome = "drop", "Drop", "Dropped by a rule"
    help = "Not at all."
    leaves = derives = False

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        return Leaf


@action
class Require(Action):
    code, label, outcome = "require", "Require", "Sent, and must be there"
    help = "As it is; a document without it, or with it empty, is stopped."
    demands = True

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        sentence = (
            f"{path} is required by the policy's rule {rule.path}, but it is missing or empty "
            "somewhere in the document. Complete the record, or change the rule."
        )
        return partial(Required, sentence=sentence)


@action
class Refuse(Action):
    code, label, outcome = "refuse", "Refuse", "Stops the message"
    help = "A document that has it is stopped as a whole."
    leaves = derives = False

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        sentence = (
            f"{path} must not be in the document: the policy's rule {rule.path} refuses it. Remove "
            "it at its source, or change the rule."
        )
        return partial(Refused, sentence=sentence)


@action
class Masked(Action):
    code, label, outcome = "mask", "Mask", "Masked"
    help = "Only what the pattern shows: last four characters, initials, an e-mail's domain."
    patterns = {mask.code: mask.label for mask in MASKS.values()}
    default_pattern = "full"
    lowers = True

    def identifies(self, pattern: str | None) -> bool:
        return pattern != "full"

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        return partial(Shown, show=MASKS[self.pattern_of(rule) or "full"])


@action
class Tokenise(Action):
    code, label, outcome = "tokenise", "Tokenise", "Tokenised"
    help = (
        "A token: the same value gives the same one for the same partner and purpose, another for "
        "any other. It can come back."
    )
    patterns = {shape.code: shape.label for shape in SHAPES.values()}
    default_pattern = "letters"
    parameter_help = f"how many digits, {SHORTEST} to {LONGEST} ({DEFAULT_LENGTH} if empty)"
    lowers = keyed = True

    def check_parameter(self, rule: Rule) -> None:
        if rule.parameter is not None and rule.pattern != "digits":
            raise ValueError("only a token of digits has a length")
        length_of(rule.parameter)

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        shape = SHAPES[self.pattern_of(rule) or "letters"]
        length, reversible = length_of(rule.parameter), rule.reversible

        def show(value: Any, run: Run) -> Any:
            token = tokenise(value, run.key("token"), shape, length)
            run.tokens.append(Token(path, token, value, reversible))
            return token

        return partial(Computed, show=show)


@action
class Hash(Action):
    code, label, outcome = "hash", "Hash", "Hashed"
    help = "A keyed digest, one-way: to compare, never to come back."
    lowers = keyed = True

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        return partial(Computed, show=lambda value, run: keyed_hash(value, run.key("hash")))


@action
class Generalise(Action):
    code, label, outcome = "generalise", "Generalise", "Generalised"
    help = "The group it belongs to: month or year, age group, ZIP area, band of an amount."
    patterns = {grouping.code: grouping.label for grouping in GROUPINGS.values()}
    default_pattern = "year"
    parameter_help = "the bounds between bands, for example 100, 1000, 10000"
    lowers = True

    def identifies(self, pattern: str | None) -> bool:
        return pattern not in GROUPINGS or not GROUPINGS[pattern].harbor

    def check_parameter(self, rule: Rule) -> None:
        if rule.pattern == "band":
            bounds_of(rule.parameter)
        elif rule.parameter is not None:
            raise ValueError("only bands have a parameter")

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        grouping = GROUPINGS[self.pattern_of(rule) or "year"]
        bounds = bounds_of(rule.parameter) if grouping.code == "band" else ()
        group = grouping.show
        return partial(Computed, show=lambda value, run: group(value, run.context, bounds))


@action
class Redact(Action):
    code, label, outcome = "redact", "Redact text", "Redacted"
    help = (
        "A free text, with what the detectors find in it replaced. They can miss something, so the "
        "field stays as sensitive as it was."
    )

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        return partial(Shown, show=redact)


_CONSTANTS = {"text": "Text", "number": "Number", "boolean": "Yes or no", "null": "Empty"}


@action
class Constant(Action):
    code, label, outcome = "constant", "Constant", "Replaced by a fixed value"
    help = "A fixed value instead, wherever the field is there."
    patterns = _CONSTANTS
    default_pattern = "text"
    parameter_help = "the value to send instead"
    derives = False

    def check_parameter(self, rule: Rule) -> None:
        _constant(self.pattern_of(rule), rule.parameter)

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        fixed = _constant(self.pattern_of(rule), rule.parameter)
        return partial(Shown, show=lambda value: fixed)


def _constant(pattern: str | None, parameter: str | None) -> Any:
    match pattern, parameter:
        case "null", None:
            return None
        case "boolean", "true" | "false":
            return parameter == "true"
        case "number", str() if "," not in parameter:
            [bound] = bounds_of(parameter)
            return int(bound) if bound == int(bound) else bound
        case "text", str():
            return parameter
    raise ValueError("the constant needs a value of its kind as parameter (true or false, 0, …)")


@action
class EncryptFor(Action):
    code, label, outcome = "encrypt", "Encrypt for the recipient", "Encrypted"
    help = "Only the owner of the connector's recipient key can read it (JWE)."
    lowers = True

    def planter(self, rule: Rule, path: str, frame: Frame) -> Planter:
        if frame.encrypt is None:
            sentence = (
                f"{path} is to be encrypted (rule {rule.path}), but the connector has no "
                "recipient's key. Enter it there and publish the flow anew."
            )
            return partial(_Keyless, sentence=sentence)
        return partial(Shown, show=frame.encrypt)


class _Keyless(Stop):
    """A field that cannot be encrypted stops the message rather than leave or vanish."""

    __slots__ = ()

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        self.stop()


def require_known(rule: Rule) -> None:
    """Return if a rule's action exists and what it says fits, else raise `PolicyError`."""
    if rule.action not in ACTIONS:
        known = ", ".join(ACTIONS.codes())
        raise PolicyError(f"{rule.path}: unknown action; known are {known}.")
    try:
        ACTIONS.get(rule.action).check(rule)
    except ValueError as problem:
        reason = str(problem)
    else:
        return
    raise PolicyError(f"{rule.path}: {reason}.")
