import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_audit.lib.acts import label_of
from odoo.addons.interop_audit.lib.evidence import bundle_text, package
from odoo.addons.interop_audit.lib.evidence.levels import Levels
from odoo.addons.interop_base.lib.failures import InternalError, InteropError

from ..lib.archive import readme
from ..papers.bundle_paper import bundle_paper, readable

#: More entries than this are no bundle any more: export the trail.
MOST_ENTRIES = 20_000
VERIFIER = "interop_verify.pyz"


@dataclass(frozen=True, slots=True)
class About:
    """What a bundle is asked about: the messages, and the record they are about if it is one."""

    kind: str
    title: str
    messages: Any
    record: tuple[str, int] | None = None
    against: tuple[int, ...] = ()
    sample: str | None = None


class InteropEvidenceMaking(models.AbstractModel):
    """How a bundle comes to its bytes, the first time and whenever it is made again."""

    _name = "interop.evidence.making"
    _description = "Evidence Bundle: Making"

    def _pin(self, about: About, made: Mapping[str, Any]) -> dict[str, Any]:
        """Everything about the bundle that cannot be read again later."""
        facts, bundling = self.env["interop.evidence.facts"], self.env["interop.audit.bundling"]
        messages = about.messages.with_env(facts.sudo().env)
        head = bundling._newest_seal()
        if not head:
            raise UserError(self.env._("The audit trail has no seal yet. Try again in a minute."))
        entries = bundling._entries_about(**facts._selectors(messages, about.record))
        seen = [each for each in entries if facts._may_see_entry(each.company_id, each.area_id)]
        if len(seen) > MOST_ENTRIES:
            raise UserError(
                self.env._(
                    "These are %(number)s entries: too many for a bundle. Choose fewer messages, "
                    "or export the trail.",
                    number=len(seen),
                )
            )
        sealed = bundling._sealed_in(seen, head, bundling._proofs())
        return {
            "about": {
                "kind": about.kind,
                "title": about.title,
                "record": list(about.record) if about.record else None,
                "messages": len(messages),
                "withheld": len(entries) - len(seen),
            },
            "made": dict(made),
            "facts": facts._facts(messages),
            "versions": facts._versions(messages),
            "entries": sorted(sealed),
            "head": head,
            "unsealed": len(seen) - len(sealed),
            "against": sorted(number for number in about.against if number < head),
        }

    def _unsigned(self, pinned: Mapping[str, Any], log: Levels | None = None) -> dict[str, Any]:
        head = pinned["head"]
        return self.env["interop.audit.bundling"]._unsigned_bundle(
            entry_ids=pinned["entries"],
            head=head,
            log=log if log is not None and log.size == head - 1 else None,
            about=pinned["about"],
            made=pinned["made"],
            facts=pinned["facts"],
            versions=self.env["interop.evidence.facts"]._with_texts(pinned["versions"]),
            unsealed=pinned["unsealed"],
            against=pinned["against"],
        )

    def _signing_key(self) -> Ed25519PrivateKey:
        try:
            return self.env["interop.keyring"].sudo()._signer("audit")[1]
        except InteropError as failure:
            raise UserError(failure.sentence) from None

    def _bytes(self, log: Levels | None = None) -> bytes:
        """The bundle as it was given out, made anew from the trail.

        Raises InternalError if what the trail holds now does not give the very same bytes.
        """
        self.ensure_one()
        pinned = json.loads(self.sudo().pinned)
        bundle = self.sudo()._unsigned(pinned, log)
        bundle |= {"key": pinned["key"], "signature": pinned["signature"]}
        data = bundle_text.canonical(bundle)
        if bundle_text.digest(data) != self.digest:
            raise InternalError(
                "What the trail holds now does not give the bundle that was given out. Verify the "
                "audit trail."
            )
        return data

    def _archive(self, log: Levels | None = None) -> dict[str, bytes]:
        """The files of the archive that people download, by name."""
        data = self._bytes(log)
        digest, verifier = bundle_text.digest(data), self._verifier()
        files = {
            "README.txt": readme(digest, next(iter(verifier), None)),
            bundle_text.FILE: data,
            "evidence.pdf": bundle_paper(json.loads(data), digest, self._label),
        }
        return files | verifier

    def _verifier(self) -> dict[str, bytes]:
        """The stand-alone verifier by its file's name, so that an archive can be verified alone."""
        return {VERIFIER: package.build()}

    def _label(self, act: str) -> str:
        """What people call an act; in its own words where nobody registered it."""
        label = label_of(act)
        return readable(act) if label == act else label
