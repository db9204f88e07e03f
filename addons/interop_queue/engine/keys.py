"""Tokens, digests, and what messages are found by: their key, their keeping, their way back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from odoo.api import Environment

from odoo.addons.interop_base.lib.keyring import Keyring
from odoo.addons.interop_document.lib.lookup import NO_LOOKUP, Lookup
from odoo.addons.interop_document.lib.mapping.registry import identity
from odoo.addons.interop_policy.lib.context import Token
from odoo.addons.interop_vault.lib.blind import blind
from odoo.addons.interop_vault.lib.refs import Keepsake

from ..lib.plan import Met, Plan
from ..lib.resolving import MOST
from ..lib.work import Claimed
from .transaction import columns, run


class PolicyKey:
    """Keyed digests of the installation's keyring; looked up when the first one is made.

    Most policies need none, and a message that needs one fails with the keyring's own sentence.
    """

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._keyring: Keyring | None = None

    def __call__(self, label: str, data: bytes) -> bytes:
        if self._keyring is None:
            self._keyring = self._env["interop.keyring"]._get()
        return bytes.fromhex(self._keyring.mac(f"policy/{label}", data))


def keep_tokens(
    env: Environment,
    plan: Plan,
    key: PolicyKey,
    made: Iterable[tuple[Claimed, tuple[Token, ...]]],
) -> set[int]:
    """Keep the values whose tokens are to come back.

    Returns the ids of the messages that must not leave, because one of their tokens stands for
    another value already.
    """
    wanted: dict[int, list[Keepsake]] = {}
    for message, tokens in made:
        back = [token for token in tokens if token.reversible]
        if back and plan.policy is not None:
            scope = plan.policy.token_scope(message.company_id, key)
            wanted[message.id] = [
                Keepsake(scope, str(each.token), each.clear, message.company_id) for each in back
            ]
    if not wanted:
        return set()
    every = [each for keepsakes in wanted.values() for each in keepsakes]
    clash = env["interop.vault.tokens"]._keep(every)
    return {
        message_id
        for message_id, keepsakes in wanted.items()
        if any((each.scope, each.token) in clash for each in keepsakes)
    }


def note_persons(env: Environment, met: Iterable[tuple[int, set[str]]]) -> None:
    """Write the blind index: the ids of messages, and what in each points to a person.

    Raises KeyringError without a usable key.
    """
    pairs = [(message_id, value) for message_id, values in met for value in values]
    if pairs:
        keyring = env["interop.keyring"]._get()
        rows = [{"digest": blind(keyring, value), "message_id": each} for each, value in pairs]
        run(env.cr, "note_persons", **columns(rows, "digest", "message_id"))


def note_keys(env: Environment, met: Iterable[Met]) -> None:
    """Write by which numbers messages are found: one statement, and none if there are none."""
    rows = [
        {"message_id": each.message_id, "kind": kind, "value": value}
        for each in met
        for kind, value in each.keys
    ]
    if rows:
        run(env.cr, "note_keys", **columns(rows, "message_id", "kind", "value"))


def note_met(env: Environment, met: Collection[Met]) -> None:
    """Write all that messages are found by. Raises KeyringError without a usable key."""
    note_persons(env, ((each.message_id, each.persons) for each in met))
    note_keys(env, met)


class Lookups:
    """Crosswalks for the mappings of one transaction, by flow and company; made when needed."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._made: dict[tuple[str, int], Lookup] = {}

    def of(self, plan: Plan, company_id: int | None) -> Lookup:
        if plan.mapper is identity:
            return NO_LOOKUP
        company = company_id or self._env.company.id
        key = (plan.digest, company)
        lookup = self._made.get(key)
        if lookup is None:
            crosswalks = self._env["interop.crosswalk"]
            lookup = self._made[key] = crosswalks._lookup(company, plan.crosswalks)
        return lookup


class Resolver:
    """Turns the tokens of one message back. Its entry in the audit trail tells how many."""

    def __init__(self, env: Environment, plan: Plan, message: Claimed, key: PolicyKey) -> None:
        self.env = env
        self.plan = plan
        self.message = message
        self.key = key

    def __call__(self, candidates: set[str]) -> Mapping[str, Any]:
        policy = self.plan.policy
        if not candidates or len(candidates) > MOST or policy is None:
            return {}
        scope = policy.token_scope(self.message.company_id, self.key)
        values: dict[str, Any] = self.env["interop.vault.tokens"]._resolve(scope, [*candidates])
        self.message.resolved += len(values)
        return values
