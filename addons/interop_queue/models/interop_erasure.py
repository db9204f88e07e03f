from collections import defaultdict
from typing import Any

from odoo import SUPERUSER_ID, api, models
from odoo.api import Environment

from ..engine.transaction import read_committed, retrying, run
from ..lib.statements import statement

BATCH = 200
ACT = "content.erased"


class InteropErasure(models.AbstractModel):
    """Destroys content before its time because the person it is about asks for it.

    What has to be kept is kept, and it is said why: a legal hold, an open decision, a law. It is
    looked at under the same lock as by the purge, so that no hold slips in between.
    """

    _name = "interop.erasure"
    _description = "Erasure on Request"

    @api.model
    def _erase(self, message_ids: list[int], digests: list[str]) -> dict[int, tuple[str, str]]:
        """Erase these messages' content, and let them be found by `digests` no longer.

        In transactions of its own, each whole. Returns by id what became of it (a code of
        ``lib/erasure.py``) and, if the law asks for it, which one.
        """
        outcomes: dict[int, tuple[str, str]] = {}
        registry = self.env.registry
        for start in range(0, len(message_ids), BATCH):
            ids = message_ids[start : start + BATCH]
            outcomes |= retrying(lambda ids=ids: _batch(registry, ids, digests))
        return outcomes

    @api.model
    def _judge(self, message_ids: list[int]) -> dict[int, tuple[str, str]]:
        """As :meth:`_erase`, of what may not be erased; what may be is left out."""
        found = {row["id"]: row for row in run(self.env.cr, "erase_find", ids=message_ids)}
        kept = self.env["interop.retention"]._kept(message_ids)
        flows = self.env["interop.retention"]._flow_days()
        duties = self.env["interop.retention.class"]._duties()
        judged = {}
        for message_id in message_ids:
            row = found.get(message_id)
            if row is None:
                judged[message_id] = ("busy", "")
            elif row["purged_at"]:
                judged[message_id] = ("purged", "")
            elif row["state"] == "dead":
                judged[message_id] = ("dead", "")
            elif not row["ended"]:
                judged[message_id] = ("open", "")
            elif message_id in kept:
                judged[message_id] = (kept[message_id], "")
            elif duty := duties.get(flows.get(row["flow_id"], ("", 0))[0]):
                judged[message_id] = ("duty", duty)
        return judged

    @api.model
    def _shred(self, message_ids: list[int]) -> None:
        retention = self.env["interop.retention"]
        flows = retention._flow_days()
        by_code: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in run(self.env.cr, "erase_find", ids=message_ids):
            by_code[flows.get(row["flow_id"], ("", 0))[0]].append(row)
        for code, rows in by_code.items():
            retention._shred_messages(rows, code, ACT)

    @api.model
    def _shred_shared(self, message_ids: list[int]) -> set[int]:
        """Destroy the payloads that these travelled in with others, if those have ended.

        The others keep their own documents. Returns the messages of which a payload stays.
        """
        payloads: dict[int, dict[str, Any]] = {}
        inside: dict[int, set[int]] = defaultdict(set)
        for row in run(self.env.cr, "erase_shared", ids=message_ids):
            payloads[row["id"]] = row
            inside[row["id"]].add(row["message_id"])
        staying: set[int] = set()
        entries = []
        for key, payload in payloads.items():
            if set(self._judge(payload["others"]).values()) - {("purged", "")}:
                staying |= inside[key]
                continue
            run(self.env.cr, "erase_payload", id=key)
            pieces = self.env["interop.vault"]._shred_pieces([payload["uuid"]])
            sizes = [piece.size for piece in pieces]
            retention = self.env["interop.retention"]
            entries.append(retention._entry("interop.interchange", payload, "", sizes, ACT))
        self.env["interop.audit"]._record_many(entries)
        return staying


def _batch(registry, ids: list[int], digests: list[str]) -> dict[int, tuple[str, str]]:
    with read_committed(registry) as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        cr.execute(statement("purge_begin"))
        erasure = env["interop.erasure"]
        outcomes = erasure._judge(ids)
        ended = [each for each in ids if each not in outcomes]
        if ended:
            erasure._shred(ended)
            staying = erasure._shred_shared(ended)
            outcomes |= {each: ("shared" if each in staying else "erased", "") for each in ended}
        gone = [each for each, (code, _duty) in outcomes.items() if code in ("erased", "purged")]
        env["interop.persons"]._forget(digests, gone)
        env.flush_all()
    return outcomes
