import logging
import socket
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields, models
from odoo.sql_db import BaseCursor

from .. import sql
from ..lib.keyring import DIGEST_ROOT, Keyring, KeyringError, is_version
from ..lib.keyring_register import Findings, Registered, compare
from ..lib.keyring_store import Store, store_at

_logger = logging.getLogger(__name__)
T = TypeVar("T")

_TRIES = 5


class _Loaded:
    """One keyring per process and place, read again when what lies there changes."""

    __slots__ = ("keyring", "looked_at", "signature", "store")

    def __init__(self, store: Store, signature: Hashable) -> None:
        self.store = store
        self.signature = signature
        self.looked_at = time.monotonic()
        self.keyring = store.contents().keyring()


_loaded: dict[str, _Loaded] = {}
# Database -> the keyring that was found to be its own, and what was registered then. Compared again
# when the keyring changes.
_verified: dict[str, tuple[Keyring, frozenset[Registered]]] = {}


class InteropKeyring(models.AbstractModel):
    """Gives the keyring that the server's configuration names, if it is the database's own."""

    _name = "interop.keyring"
    _description = "Keyring"

    @api.model
    def _path(self) -> str | None:
        return self.env["interop.fence"]._server_settings().keyring

    @api.model
    def _get(self) -> Keyring:
        """The keyring; raises :class:`KeyringError` with a sentence that says what to do.

        Once for each keyring and process it is compared with what the database has registered.
        """
        keyring = self._load()
        if self._verified_with(keyring) is None:
            self._verify(keyring)
        return keyring

    def _verified_with(self, keyring: Keyring) -> frozenset[Registered] | None:
        """What was registered when this very keyring was verified; None if it was not yet."""
        known, registered = _verified.get(self.env.cr.dbname, (None, None))
        return registered if known is keyring else None

    @api.model
    def _get_for(self, periods: Iterable[str]) -> Keyring:
        """The keyring with keys of all these periods (``class/YYYY-MM``).

        Those that are missing are made, if the keyring is a file that may be written; otherwise
        :class:`KeyringError`.
        """
        keyring = self._get()
        missing = [period for period in periods if not keyring.holds(period)]
        if missing:
            self._make_periods(missing)
            keyring = self._get()
        return keyring

    @api.model
    def _require_kept(self, used: Keyring, periods: Iterable[str] = ()) -> None:
        """Call after storing what ``used`` wrapped: raises KeyringError if it must be undone.

        A key was perhaps retired after it was taken up and before what it wrapped could be counted.
        Who destroys a key waits for all that are storing, and writes the keyring before it lets
        them go on: so whoever finds its keys still there after it stored is sure of them.
        """
        if self._load() is used:
            return
        keyring = self._get()
        if not all(map(keyring.holds, (used.current, *periods))):
            raise KeyringError("A key was destroyed while it was being used. Try again.")

    def _load(self) -> Keyring:
        path = self._path()
        if not path:
            raise KeyringError(
                "No keyring is configured. Set `keyring` in the [interop] section of Odoo's "
                "configuration file (or INTEROP_KEYRING), then make the file with "
                "`odoo interop_keys init`."
            )
        known = _loaded.get(path)
        if known is not None:
            every = known.store.look_every
            if every and time.monotonic() - known.looked_at < every:
                return known.keyring
            try:
                if known.store.signature() == known.signature:
                    known.looked_at = time.monotonic()
                    return known.keyring
            except OSError:
                _loaded.pop(path, None)
        store = store_at(path)
        try:
            # Before the contents: if they change in between, they are read once more next time.
            signature = store.signature()
        except OSError:
            store.contents()  # which says what is wrong
            raise KeyringError() from None
        known = _loaded[path] = _Loaded(store, signature)
        return known.keyring

    def _store(self) -> Store:
        self._load()
        return _loaded[self._path()].store

    # -- what the database knows of it ---------------------------------------------------------

    @contextmanager
    def _own_cursor(self) -> Iterator[BaseCursor]:
        """A short transaction: what was registered stands, whatever becomes of the caller's."""
        with self.env.registry.cursor() as cr:
            yield cr

    def _retrying(self, action: Callable[[BaseCursor], T]) -> T:
        """Run ``action`` in a transaction of its own; again if another host's came first."""
        for attempt in range(1, _TRIES + 1):
            try:
                with self._own_cursor() as cr:
                    return action(cr)
            except SerializationFailure:
                if attempt == _TRIES:
                    raise
                time.sleep(0.05 * attempt)
        raise AssertionError

    def _registered(self, cr: BaseCursor) -> list[Registered]:
        cr.execute(sql.REGISTERED)
        return [Registered(*row) for row in cr.fetchall()]

    @api.model
    def _verify(self, keyring: Keyring | None = None) -> Findings:
        """Compare the keyring with what is registered; register what is new.

        Raises :class:`KeyringError` if something is missing or another: then nothing may be sealed.
        """
        keyring = keyring or self._load()
        _verified.pop(self.env.cr.dbname, None)

        def action(cr: BaseCursor) -> tuple[Findings, frozenset[Registered]]:
            registered = self._registered(cr)
            findings = compare(keyring, registered)
            findings.require_sound()
            if findings.new:
                self._note_keys(cr, keyring, findings.new)
            if findings.gone:
                self._mark_destroyed(cr, findings.gone)
            return findings, frozenset(registered)

        findings, registered = self._retrying(action)
        _verified[self.env.cr.dbname] = keyring, registered
        return findings

    @api.model
    def _verify_again(self) -> None:
        """As `_verify`, and quick as long as neither side has changed since.

        For who asks each second, with a transaction that has just begun.
        """
        keyring = self._load()
        before = self._verified_with(keyring)
        if before is None or frozenset(self._registered(self.env.cr)) != before:
            self._verify(keyring)

    def _note_keys(self, cr: BaseCursor, keyring: Keyring, key_ids: list[str]) -> list[str]:
        """Register keys; returns the ids that nobody had registered."""
        prints = keyring.fingerprints()
        cr.execute(
            sql.REGISTER,
            {
                "key_id": key_ids,
                "kind": [_kind(key_id) for key_id in key_ids],
                "fingerprint": [prints[key_id] for key_id in key_ids],
                "made_at": [_timestamp(keyring.created.get(key_id)) for key_id in key_ids],
                "by": self._actor(),
                "host": socket.gethostname(),
            },
            log_exceptions=False,
        )
        return [row[0] for row in cr.fetchall()]

    def _mark_destroyed(self, cr: BaseCursor, key_ids: list[str]) -> None:
        cr.execute(sql.DESTROYED, [self._actor(), key_ids], log_exceptions=False)
        for [key_id] in cr.fetchall():
            act = "keyring.retire" if is_version(key_id) else "keyring.destroy"
            self._tell(cr, act, key=key_id)

    def _actor(self) -> str:
        return "System" if self.env.uid == SUPERUSER_ID else self.env.user.sudo().name

    def _tell(self, cr: BaseCursor, act: str, **details) -> None:
        """Say that the keyring was changed, in the transaction that knows of it."""
        _logger.info("interop: %s %s", act, details)
        self.with_env(self.env(cr=cr))._on_act(act, details)

    @api.model
    def _on_act(self, act: str, details: dict) -> None:
        """Hook: something was done to the keyring. Never told a key."""

    # -- signing -------------------------------------------------------------------------------

    @api.model
    def _signer(self, purpose: str, version: str | None = None) -> tuple[str, Ed25519PrivateKey]:
        """A master version (the current one unless named) and its signing key for a purpose."""
        keyring = self._get()
        version = version or keyring.current
        return version, keyring.signer(purpose, version)

    @api.model
    def _public_keys(self, purpose: str) -> dict[str, str]:
        """What these signatures are checked with: raw public key (hex) by master version."""
        keyring = self._get()
        return {
            version: keyring.signer(purpose, version).public_key().public_bytes_raw().hex()
            for version in keyring.key_ids
        }

    # -- for people ----------------------------------------------------------------------------

    @api.model
    def _periods(self) -> list[str]:
        """The periods that the keyring holds keys of, as ``class/YYYY-MM``, sorted."""
        return self._get().periods

    @api.model
    def _status(self) -> tuple[bool, str]:
        """Whether the keyring can be used, and one sentence about it."""
        try:
            keyring = self._get()
        except KeyringError as error:
            return False, error.sentence
        sentence = self.env._(
            "Ready: %(count)s key(s), current %(current)s.",
            count=len(keyring.key_ids),
            current=keyring.current,
        )
        if self._store().exposed():
            sentence += " " + self.env._(
                "The file can be read by other users of the server: set its rights to 600."
            )
        return True, sentence

    def _facts(self) -> dict:
        """What administrators see of the keyring. Never a key."""
        keyring = self._get()
        made = _timestamp(keyring.created.get(keyring.current))
        age = fields.Datetime.now() - fields.Datetime.to_datetime(made) if made else None
        return {
            "current": keyring.current,
            "age_days": age.days if age else 0,
            "versions": ", ".join(keyring.key_ids),
            "periods": len(keyring.periods),
        }


def _kind(key_id: str) -> str:
    if key_id == DIGEST_ROOT:
        return "digest_root"
    return "version" if is_version(key_id) else "period"


def _timestamp(text: str | None) -> str | None:
    return text.replace("T", " ").removesuffix("Z") if text else None
