import contextlib
import gc
import os
import ssl
import tempfile
import threading
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path

from odoo.tests import BaseCase

from odoo.addons.interop_connector.lib.transport import (
    ClientCertificate,
    Endpoint,
    Outgoing,
    TransportError,
)
from odoo.addons.interop_vault.lib.all_kinds import KINDS
from odoo.addons.interop_vault.lib.kinds import Entered
from odoo.addons.interop_vault.tests.keys import certificate, new_key, pem

from ..lib import tls
from ..lib.certificates import Seen
from ..lib.http import HttpTransport
from ..lib.probe import _expiring
from .partner import _Handler

SERVER_NAME = "127.0.0.1"


class StrictPartner:
    """An HTTPS server that lets in only those whose certificate its own authority vouches for."""

    def __init__(self, client_authority, version=None):
        key = new_key()
        self.certificate = certificate(key, name=SERVER_NAME, ca=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(pem(key) + self.certificate)
            file.flush()
            context.load_cert_chain(file.name)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_authority)
        if version is not None:
            context.maximum_version = version
        self.seen = []
        self.names = []
        owner = self

        class Handler(_Handler):
            def _serve(self):
                subject = dict(pair[0] for pair in self.connection.getpeercert()["subject"])
                owner.names.append(subject["commonName"])
                return super()._serve()

            do_POST = do_HEAD = _serve

        self.server = ThreadingHTTPServer((SERVER_NAME, 0), Handler)
        self.server.daemon_threads = True
        self.server.partner = self
        self.server.handle_error = lambda *args: None
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://{SERVER_NAME}:{self.server.server_port}/ok"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)


class TlsCase(BaseCase):
    version = None

    def setUp(self):
        super().setUp()
        self.authority = new_key()
        self.authority_pem = certificate(self.authority, name="Clearing CA", ca=True)
        self.partner = StrictPartner(self.authority_pem, self.version)
        self.addCleanup(self.partner.stop)
        self.transport = HttpTransport()

    def ours(self, name="hospital.example", signer=None):
        key = new_key()
        own = certificate(key, name=name, signer=signer or (self.authority, "Clearing CA"))
        kind = KINDS.get("mtls")
        text = kind.compose(Entered(certificate=own, private_key=pem(key)))
        kind.check(text, datetime.now(UTC))
        return ClientCertificate(text)

    def endpoint(self, mine, **more):
        return Endpoint(
            code="c",
            url=self.partner.url,
            environment="production",
            timeout_total=5.0,
            certificate=mine,
            **{"authorities": self.partner.certificate, **more},
        )

    def send(self, mine, **more):
        return self.transport.send(self.endpoint(mine, **more), Outgoing(key="k", payload=b"{}"))

    def refused(self, mine, **more):
        with self.assertRaises(TransportError) as caught:
            self.send(mine, **more)
        self.assertIsNone(caught.exception.__cause__)
        self.assertIsNone(caught.exception.__context__)
        self.assertEqual(self.partner.names, [])
        return caught.exception


class TestMutualTls(TlsCase):
    def test_a_probe_tells_whose_certificate_it_is_and_until_when(self):
        health = self.transport.probe(self.endpoint(self.ours()))
        [tls] = [step for step in health.steps if step.name == "TLS"]
        self.assertTrue(tls.ok)
        self.assertRegex(tls.detail, "TLSv1.*trusted.*valid until [0-9]{4}-[0-9]{2}-[0-9]{2}")

    def test_a_probe_warns_of_a_certificate_that_ends_soon(self):
        self.assertIn("ends in 5 days", _expiring(Seen("theirs", 5)))
        self.assertEqual(_expiring(Seen("theirs", 30)), "")

    def test_who_shows_a_certificate_that_is_known_is_let_in(self):
        self.assertTrue(self.send(self.ours()).accepted)
        self.assertEqual(self.partner.names, ["hospital.example"])

    def test_who_shows_none_or_another_is_not(self):
        stranger = new_key()
        for mine in (None, self.ours(signer=(stranger, "Somebody"))):
            error = self.refused(mine)
            self.assertIn(error.failure_class, ("partner", "transient", "uncertain"))

    def test_a_partner_nobody_vouches_for_is_not_told_anything(self):
        for authorities in ("", self.authority_pem):
            error = self.refused(self.ours(), authorities=authorities)
            self.assertEqual(error.failure_class, "transient")
            self.assertIn("not trusted", error.sentence)

    def test_a_connection_is_never_shared_between_certificates(self):
        first, second = self.ours("one.example"), self.ours("two.example")
        for mine in (first, second, first, second):
            self.send(mine)
        self.assertEqual(
            self.partner.names, ["one.example", "two.example", "one.example", "two.example"]
        )

    def test_equal_certificates_share_a_context_and_few_are_kept(self):
        mine = self.ours()
        endpoint, again = self.endpoint(mine), self.endpoint(ClientCertificate(mine.pem))
        self.assertIs(tls.context_of(endpoint, True), tls.context_of(again, True))
        self.assertIsNot(tls.context_of(endpoint, True), tls.context_of(endpoint, False))
        self.assertIsNone(tls.context_of(self.endpoint(None, authorities=""), True))
        for number in range(tls._MAX_CONTEXTS + 3):
            tls.context_of(self.endpoint(self.ours(f"{number}.example")), True)
        self.assertLessEqual(len(tls._contexts), tls._MAX_CONTEXTS)

    def test_the_probe_shows_the_certificate_too(self):
        health = self.transport.probe(self.endpoint(self.ours()))
        self.assertTrue(health.ok, health)
        self.assertIn("trusted: 127", health.steps[-3].detail)

    def test_the_key_stands_in_no_file(self):
        """Looked at while OpenSSL reads it: there is no clear key, and afterwards no file."""
        mine = self.ours()
        clear = mine.pem[mine.pem.index("-----BEGIN PRIVATE KEY-----") :]
        seen = []
        load = ssl.SSLContext.load_cert_chain

        def spying(context, path, *args, **kwargs):
            seen.append(Path(path).read_text())
            return load(context, path, *args, **kwargs)

        before = {link.name for link in Path("/proc/self/fd").iterdir()}
        self.patch(ssl.SSLContext, "load_cert_chain", spying)
        tls.context_of(self.endpoint(mine), True)
        [text] = seen
        self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", text)
        self.assertNotIn(clear[30:90], text)
        gc.collect()
        for link in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                if link.name not in before:
                    self.assertNotIn("interop", os.readlink(link))

    def test_without_files_in_memory_the_key_is_encrypted_too(self):
        self.patch(os, "memfd_create", None)
        del os.memfd_create
        with tls._readable(b"something") as path:
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertFalse(os.path.exists(path))
        self.assertTrue(self.send(self.ours("elsewhere.example")).accepted)

    def test_a_text_that_is_no_certificate_says_so_without_showing_it(self):
        error = self.refused(ClientCertificate("canary-4711"))
        self.assertEqual(error.failure_class, "internal")
        self.assertNotIn("canary", error.sentence)


class TestMutualTls12(TlsCase):
    """With TLS 1.2 the partner refuses before anything of a request can leave."""

    version = ssl.TLSVersion.TLSv1_2

    def test_a_stranger_is_told_apart_from_a_fault_of_the_network(self):
        stranger = self.ours(signer=(new_key(), "Somebody"))
        error = self.refused(stranger)
        self.assertEqual(error.failure_class, "partner")
        self.assertIn("our certificate", error.sentence)
        # TLS 1.2 has no word of its own for "you showed me none".
        self.assertIn("TLS handshake failed", self.refused(None).sentence)
        self.assertTrue(self.send(self.ours()).accepted)


class TestRefusals(BaseCase):
    def test_only_the_partners_own_words_count(self):
        for reason, meant in (
            ("TLSV13_ALERT_CERTIFICATE_REQUIRED", True),
            ("TLSV1_ALERT_UNKNOWN_CA", True),
            ("SSLV3_ALERT_CERTIFICATE_EXPIRED", True),
            ("SSLV3_ALERT_HANDSHAKE_FAILURE", False),
            ("CERTIFICATE_VERIFY_FAILED", False),
            (None, False),
        ):
            error = ssl.SSLError(1, "x")
            error.reason = reason
            self.assertEqual(tls.refused_us(error), meant, reason)
        self.assertFalse(tls.refused_us(TimeoutError()))
        self.assertFalse(tls.refused_us(None))
