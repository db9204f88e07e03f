import logging
from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.interop_base.lib.keyring import KeyringError

from ..lib import world
from ..lib.secrets import SharedSecrets

_logger = logging.getLogger(__name__)

# Its records are known by external ids of this name, so that a second run finds them again.
NAMESPACE = "__interop_sandbox__"
PARTNER_URL = "http://127.0.0.1:8199"
KEY_NAME = "Sandbox"
KEYS_LAST = timedelta(days=1)


class InteropSandbox(models.AbstractModel):
    """Makes the demo world through the models that people use. It may run any number of times."""

    _name = "interop.sandbox"
    _description = "Demo World of the Sandbox"

    @api.model
    def _set_up(self, partner_url: str, secrets: SharedSecrets) -> dict[str, Any]:
        """Make the demo world, or bring it up to date, and publish its flows.

        `partner_url` is where the simulated partner listens, `secrets` what it shares with us.
        Returns what a reader needs: logins, passwords of new users, the partner's callback.
        """
        world_env = self.sudo().with_context(tracking_disable=True, no_reset_password=True)
        companies = world_env._companies()
        users = world_env._people(companies)
        supplier = world_env._supplier(companies)
        world_env._products(supplier)
        connectors = world_env._connectors(companies, supplier, partner_url, secrets)
        world_env._flows(companies, connectors, users)
        return {
            "logins": {person.login: person.login for person in world.PEOPLE},
            "roles": {person.login: f"{person.name}, {person.role}" for person in world.PEOPLE},
            "companies": {code: company.id for code, company in companies.items()},
            "connectors": {code: connector.code for code, connector in connectors.items()},
            "callback": world.CALLBACK_PATH,
            "partner_url": partner_url,
        }

    @api.model
    def _api_keys(self) -> dict[str, str]:
        """New keys, good for a day, with which the people use Odoo's external API; by login."""
        until = fields.Datetime.now() + KEYS_LAST
        keys = {}
        for person in world.PEOPLE:
            user = self.env.ref(f"{NAMESPACE}.user_{person.login}")
            theirs = self.env["res.users.apikeys"].with_user(user).sudo()
            theirs.search([("user_id", "=", user.id), ("name", "=", KEY_NAME)]).unlink()
            keys[person.login] = theirs._generate("rpc", KEY_NAME, until)
        return keys

    @api.model
    def _set_up_demo(self) -> None:
        """With demo data: the world with secrets that nobody knows yet (interop_sandbox_setup
        shares them with a partner). Without a keyring there is nothing to seal them with."""
        try:
            self.env["interop.keyring"]._get()
        except KeyringError as reason:
            _logger.info("The demo world of the sandbox waits for a keyring: %s", reason)
            return
        self._set_up(PARTNER_URL, SharedSecrets.invent())

    # -- the organisation ---------------------------------------------------------------------

    def _companies(self) -> dict[str, models.Model]:
        companies = {}
        for made in world.COMPANIES:
            company = self._ensure(
                f"company_{made.code}",
                "res.company",
                {
                    "name": made.name,
                    "currency_id": self.env.ref("base.USD").id,
                    "country_id": self.env.ref("base.us").id,
                },
            )
            company.partner_id.write(self._place(made))
            companies[made.code] = company
        both = [Command.link(company.id) for company in companies.values()]
        self.env.ref("base.user_admin").write({"company_ids": both})
        return companies

    def _people(self, companies: dict[str, models.Model]) -> dict[str, models.Model]:
        users = {}
        for person in world.PEOPLE:
            users[person.login] = self._ensure_user(
                person.login,
                {"name": person.name, "email": f"{person.login}@northfield.example"},
                person.groups,
                [companies[code] for code in person.companies],
                password=person.login,
            )
            areas = [self.env.ref(f"interop_base.area_{code}").id for code in person.areas]
            users[person.login].interop_area_ids = [Command.set(areas)]
        users["buyer"].partner_id.phone = "+1 555 010 0142"
        users["service"] = self._ensure_user(
            world.SERVICE_LOGIN,
            {"name": "Interop purchasing service", "active": False},
            world.SERVICE_GROUPS,
            list(companies.values()),
        )
        return users

    def _ensure_user(
        self,
        login: str,
        values: dict[str, Any],
        groups: tuple[str, ...],
        companies: list[models.Model],
        password: str | None = None,
    ) -> models.Model:
        """A user with exactly these groups. The password is only given to a new one."""
        wanted = ("base.group_user", "base.group_multi_company", *groups)
        values = values | {
            "login": login,
            "company_ids": [Command.set([company.id for company in companies])],
            "group_ids": [Command.set([self.env.ref(group).id for group in wanted])],
        }
        new = {"company_id": companies[0].id} | ({"password": password} if password else {})
        return self._ensure(f"user_{login}", "res.users", values, new)

    # -- what is bought -----------------------------------------------------------------------

    def _supplier(self, companies: dict[str, models.Model]) -> models.Model:
        made = world.SUPPLIER
        values = self._place(made) | {
            "name": made.name,
            "company_type": "company",
            "supplier_rank": 1,
            "country_id": self.env.ref("base.us").id,
        }
        supplier = self._ensure("supplier", "res.partner", values)
        for company in world.COMPANIES:
            here = supplier.with_company(companies[company.code])
            here.interop_account_number = company.account_number
        return supplier

    def _products(self, supplier: models.Model) -> None:
        for made in world.PRODUCTS:
            product = self._ensure(
                f"product_{made.code}",
                "product.product",
                {
                    "name": made.name,
                    "default_code": made.code,
                    "barcode": made.gtin,
                    "type": "consu",
                    "standard_price": made.price,
                    "interop_udi_di": made.gtin.zfill(14) if made.device else False,
                    "interop_storage_condition": made.storage,
                    "interop_lot_required": made.lot,
                    "interop_min_shelf_life_days": made.shelf_life,
                },
            )
            self._ensure(
                f"price_{made.code}",
                "product.supplierinfo",
                {
                    "partner_id": supplier.id,
                    "product_tmpl_id": product.product_tmpl_id.id,
                    "product_code": made.supplier_code,
                    "price": made.price,
                    "currency_id": self.env.ref("base.USD").id,
                    "delay": 5,
                    "company_id": False,
                },
            )

    # -- helpers ------------------------------------------------------------------------------

    def _place(self, made: world.Company) -> dict[str, Any]:
        return {
            "street": made.street,
            "city": "Northfield",
            "zip": "01360",
            "global_location_number": made.gln,
        }

    def _ensure(
        self, name: str, model: str, values: dict[str, Any], new: dict[str, Any] | None = None
    ) -> models.Model:
        """The record called `name`, with `values`; `new` is added only when it is made."""
        known = self.env.ref(f"{NAMESPACE}.{name}", raise_if_not_found=False)
        if known:
            known.write(values)
            return known
        record = self.env[model].create(values | (new or {}))
        self.env["ir.model.data"].create(
            {
                "module": NAMESPACE,
                "name": name,
                "model": model,
                "res_id": record.id,
                "noupdate": True,
            }
        )
        return record
