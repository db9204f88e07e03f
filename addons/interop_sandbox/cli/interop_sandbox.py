import os
import signal
import sys
import threading
from pathlib import Path

from odoo.cli.command import Command

ENVIRONMENT = {
    "secret": "INTEROP_SANDBOX_SECRET",
    "bearer": "INTEROP_SANDBOX_BEARER",
    "signing_secret": "INTEROP_SANDBOX_SIGNING_SECRET",
}


class InteropSandbox(Command):
    """Run the simulated supplier: takes orders over HTTP and acknowledges them some time later.

    It is for tests and demonstrations and needs no database. Secrets are best given by a file
    (--secrets, made by interop_sandbox_setup) or by the variables INTEROP_SANDBOX_SECRET,
    INTEROP_SANDBOX_BEARER and INTEROP_SANDBOX_SIGNING_SECRET: the arguments of a process can be
    read by everybody on the machine. What is not given is not checked.
    """

    name = "interop_sandbox"

    def run(self, args):
        # An ImportError at the top of the file would read as "Unknown command".
        # Odoo loads commands outside their addon: a relative import finds nothing here.
        from odoo.addons.interop_sandbox.lib.behaviours import BEHAVIOURS, Script  # pylint: disable=W8150
        from odoo.addons.interop_sandbox.lib.dialects import DIALECTS  # pylint: disable=W8150
        from odoo.addons.interop_sandbox.lib.partner import Partner, Settings  # pylint: disable=W8150
        from odoo.addons.interop_sandbox.lib.secrets import SharedSecrets, key_bytes  # pylint: disable=W8150
        from odoo.addons.interop_sandbox.lib.world import COMPANIES  # pylint: disable=W8150

        options = self._parse(args, BEHAVIOURS.codes(), DIALECTS.codes())
        secrets = SharedSecrets.keep(options.secrets) if options.secrets else None
        callback_secret = options.secret or (secrets and secrets.callback)
        signing_secret = options.signing_secret or (secrets and secrets.signing)
        settings = Settings(
            journal=options.journal,
            host=options.host,
            port=options.port,
            certificate=options.certificate,
            account=COMPANIES[0].code,
            callback=options.callback,
            callback_secret=key_bytes(callback_secret) if callback_secret else None,
            bearer=options.bearer or (secrets and secrets.bearer),
            signing_secrets=(key_bytes(signing_secret),) if signing_secret else (),
            script=Script(options.behaviour, options.delay, options.think, dialect=options.dialect),
        )
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            partner = Partner(settings).start()
        except OSError as error:
            sys.exit(f"The partner cannot listen on {options.host}:{options.port}: {error}")
        # Whoever started this reads the address from the first line.
        print(f"Sandbox partner listening on {partner.url}", flush=True)  # pylint: disable=W8116
        stop.wait()
        partner.stop()

    def _parse(self, args, behaviours, dialects):
        parser = self.parser
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8199, help="0: any free one")
        parser.add_argument("--journal", type=Path, required=True, help="file to append to")
        parser.add_argument(
            "--callback",
            help="where acknowledgements go; {account} in it is the buyer's account (nmc or nd)",
        )
        parser.add_argument("--secrets", type=Path, help="file with the shared secrets")
        parser.add_argument("--secret", help="signs the acknowledgements (whsec_…)")
        parser.add_argument("--bearer", help="token that orders must bring")
        parser.add_argument("--signing-secret", help="verifies the signature of orders (whsec_…)")
        parser.add_argument("--behaviour", default="mixed", choices=behaviours)
        parser.add_argument("--delay", type=float, default=2.0, help="seconds to acknowledgement")
        parser.add_argument("--think", type=float, default=0.0, help="seconds to each answer")
        parser.add_argument("--dialect", default="plain", choices=dialects)
        parser.add_argument("--certificate", type=Path, help="PEM with its key: speak https")
        options = parser.parse_args(args)
        for option, variable in ENVIRONMENT.items():
            if getattr(options, option) is None:
                setattr(options, option, os.environ.get(variable))
        return options
