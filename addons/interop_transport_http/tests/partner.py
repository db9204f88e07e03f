"""A real HTTP server on the loopback that misbehaves on demand."""

import contextlib
import datetime
import ssl
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        """Keep the test log quiet."""

    def _serve(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.partner.seen.append((self.command, self.path, dict(self.headers), body))
        name, _, argument = self.path[1:].partition("/")
        with contextlib.suppress(OSError):
            getattr(self, f"answer_{name}")(argument)

    do_POST = do_PUT = do_HEAD = do_GET = do_OPTIONS = _serve

    def _answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_ok(self, _argument):
        self._answer(200, b'{"ok": true}', [("Content-Type", "application/json")])

    def answer_status(self, argument):
        self._answer(int(argument), b"because", self.server.partner.extra_headers)

    def answer_redirect(self, _argument):
        self._answer(302, b"", [("Location", "/ok")])

    def answer_cookie(self, _argument):
        self._answer(200, b"", [("Set-Cookie", "session=1; Path=/")])

    def answer_drip(self, _argument):
        """One byte at a time, from the status line on."""
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
            self.wfile.write(bytes([byte]))
            time.sleep(0.3)

    def answer_dripbody(self, argument):
        self.send_response(int(argument or 200))
        self.send_header("Content-Length", "100")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x")
            time.sleep(0.1)

    def answer_continue(self, _argument):
        """Interim answers without end."""
        while True:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            time.sleep(0.05)

    def answer_huge(self, _argument):
        self.send_response(200)
        self.send_header("Content-Length", str(10**9))
        self.end_headers()
        block = b"x" * 65536
        for _ in range(10**9 // len(block)):
            self.wfile.write(block)
            self.server.partner.written += len(block)

    def answer_endless(self, _argument):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    def answer_bomb(self, _argument):
        # Says that it is compressed; unpacking would be the mistake.
        self._answer(200, b"\x1f\x8b\x08" + b"\x00" * 50, [("Content-Encoding", "gzip")])

    def answer_short(self, _argument):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"only this")
        self._hang_up()

    def answer_silent(self, _argument):
        self.server.partner.release.wait(10)
        self._hang_up()

    def answer_closed(self, _argument):
        self._hang_up()

    def answer_garbage(self, _argument):
        self.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")
        self._hang_up()

    def answer_once(self, _argument):
        """Answers, and closes the kept connection without saying so."""
        self._answer(200, b"")
        self._hang_up()

    def _hang_up(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(2)


class Partner:
    """`seen` holds (method, path, headers, body) of each request that arrived."""

    def __init__(self, tls=False):
        self.seen = []
        self.extra_headers = ()
        self.written = 0
        self.release = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.partner = self
        # Failed handshakes are what some tests are about.
        self.server.handle_error = lambda *args: None
        if tls:
            self.server.socket = _self_signed().wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.scheme = "https" if tls else "http"
        self.port = self.server.server_port
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def url(self, path):
        return f"{self.scheme}://127.0.0.1:{self.port}/{path}"

    def stop(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)


def _self_signed():
    """A server context whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    return context
