import json
import math

from odoo.http import Response


def problem(code, status, title, detail=None, *, retry_after=None, headers=()):
    """A problem by RFC 9457. Tells a partner what to mend, and nothing about what is behind."""
    body = {"type": f"urn:interop:problem:{code}", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    extra = [("Cache-Control", "no-store"), *headers]
    if retry_after is not None:
        extra.append(("Retry-After", str(max(1, math.ceil(retry_after)))))
    return Response(
        json.dumps(body), status=status, content_type="application/problem+json", headers=extra
    )
