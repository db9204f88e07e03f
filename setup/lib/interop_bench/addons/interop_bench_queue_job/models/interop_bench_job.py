import json

import requests

from odoo import api, models

# Kept connections, as in our own transport: one session per process.
_SESSION = requests.Session()


class InteropBenchJob(models.AbstractModel):
    """The work of a job: POST a document to the partner."""

    _name = "interop.bench.job"
    _description = "Job of the Benchmark"

    @api.model
    def _send(self, body: dict) -> None:
        """Send a document that came with the job."""
        payload = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        self._post(body["number"], payload)

    @api.model
    def _post(self, key: str, payload: bytes) -> None:
        url = self.env["ir.config_parameter"].sudo().get_param("interop_bench.url")
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        answer = _SESSION.post(url, data=payload, headers=headers, timeout=(5, 120))
        answer.raise_for_status()
