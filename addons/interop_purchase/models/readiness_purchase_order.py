from collections.abc import Iterator

from odoo import models
from odoo.fields import Domain

from odoo.addons.interop_queue.lib.readiness import (
    MISSING,
    READY,
    WARNING,
    Finding,
    announce,
    some,
)

from ..lib.identifiers import clean_gln

announce("gln", "Location numbers", 101)
announce("supplier", "Supplier", 102)
announce("item_codes", "Item codes", 103)
announce("units", "Units", 104)
announce("taxes", "Taxes", 105)
announce("journals", "Journals", 106)
announce("currency", "Currency", 107)

# So many names are read for a sentence that tells five and counts the rest.
NAMED = 200


class HandlerPurchaseOrder(models.AbstractModel):
    """What in Odoo has to be set up before orders go to a supplier.

    What the policy drops is not asked for: then the partner does not get it either.
    """

    _inherit = "interop.handler.purchase_order"

    _needs = (
        ("purchase.order", "read"),
        ("purchase.order.line", "read"),
        ("product.product", "read"),
        ("product.supplierinfo", "read"),
        ("uom.uom", "read"),
        ("account.tax", "read"),
        ("res.partner", "read"),
    )

    def _readiness(self, flow: models.Model) -> list[Finding]:
        company = flow.company_id or self.env.company
        supplier = flow.connector_id.system_id.partner_id.commercial_partner_id
        sellers = self._ready_sellers(company, supplier)
        return [
            *self._ready_gln(flow, company),
            *self._ready_supplier(flow, company, supplier),
            *self._ready_item_codes(flow, supplier, sellers),
            *self._ready_units(flow, sellers),
            *self._ready_taxes(company),
            *self._ready_journals(company),
            *self._ready_currency(company, supplier),
        ]

    def _ready_sellers(self, company: models.Model, supplier: models.Model) -> models.Model:
        """Under what the supplier sells our products; of a network every supplier's."""
        domain = Domain("company_id", "in", [False, company.id])
        if supplier:
            domain &= Domain("partner_id", "child_of", supplier.id)
        found = self.env["product.supplierinfo"].search(domain)
        return found.filtered(lambda seller: seller.product_tmpl_id.active)

    # -- places ----------------------------------------------------------------

    def _ready_gln(self, flow: models.Model, company: models.Model) -> Iterator[Finding]:
        wanted = [path for path in ("buyer.gln", "ship_to.gln") if flow._sends(path)]
        if not wanted:
            told = self.env._("The policy sends no location numbers (GLN).")
            yield Finding("gln", READY, told, (company._name, company.id))
            return
        places = company.partner_id if "buyer.gln" in wanted else self.env["res.partner"]
        if "ship_to.gln" in wanted:
            places |= self._ready_delivery_places(company)
        without = places.filtered(lambda place: not clean_gln(place.global_location_number))
        for place in without:
            if (place.global_location_number or "").strip():
                told = self.env._(
                    "The location number (GLN) of %s is none: check its digits.", place.display_name
                )
            else:
                told = self.env._(
                    "Give %s its location number (GLN), or let the policy drop it if the partner "
                    "does not ask for it.",
                    place.display_name,
                )
            yield Finding("gln", MISSING, told, (place._name, place.id))
        if not without:
            told = self.env._(
                "Known by their location number: %s.", some(places.mapped("display_name"))
            )
            yield Finding("gln", READY, told, (places._name, places[:1].id))

    def _ready_delivery_places(self, company: models.Model) -> models.Model:
        """Where orders of the company let goods be delivered."""
        if "stock.warehouse" in self.env:
            houses = self.env["stock.warehouse"].search([("company_id", "=", company.id)])
            if houses.partner_id:
                return houses.partner_id
        return company.partner_id

    # -- partner and items -------------------------------------------------------

    def _ready_supplier(
        self, flow: models.Model, company: models.Model, supplier: models.Model
    ) -> Iterator[Finding]:
        if not supplier:
            told = self.env._("The system names no supplier: it gets the orders to all of them.")
            system = flow.connector_id.system_id
            yield Finding("supplier", WARNING, told, (system._name, system.id))
        elif (
            flow._sends("supplier.account_number")
            and not supplier.with_company(company).interop_account_number
        ):
            told = self.env._(
                "Enter our account number at %s, or let the policy drop it.", supplier.display_name
            )
            yield Finding("supplier", MISSING, told, (supplier._name, supplier.id))
        else:
            told = self.env._("Orders to %s leave.", supplier.display_name)
            yield Finding("supplier", READY, told, (supplier._name, supplier.id))

    def _ready_item_codes(
        self, flow: models.Model, supplier: models.Model, sellers: models.Model
    ) -> Iterator[Finding]:
        if not sellers:
            told = self.env._(
                "No product names this supplier, so orders carry no item code of theirs. Enter "
                "it under Purchase on the products."
            )
            target = (supplier._name, supplier.id) if supplier else None
            yield Finding("item_codes", WARNING, told, target)
            return
        without = sellers.filtered(lambda seller: not seller.product_code).product_tmpl_id
        if not flow._sends("lines[].item.supplier_item_code"):
            told = self.env._("The policy sends no item codes of the supplier.")
            yield Finding("item_codes", READY, told)
            return
        if without:
            told = self.env._("Enter the supplier's item code of: %s.", self._ready_names(without))
            yield Finding("item_codes", MISSING, told, (without._name, without[:1].id))
            return
        told = self.env._(
            "Products have the supplier's item code: %s.",
            self._ready_names(sellers.product_tmpl_id),
        )
        yield Finding("item_codes", READY, told)

    def _ready_units(self, flow: models.Model, sellers: models.Model) -> Iterator[Finding]:
        units = sellers.product_tmpl_id.uom_id | sellers.product_uom_id
        without = units.filtered(lambda unit: not unit.interop_unece_code)
        if without and flow._sends("lines[].uom.code"):
            told = self.env._(
                "Enter the trade code (UN/ECE) of these units: %s.", self._ready_names(without)
            )
            yield Finding("units", MISSING, told, (without._name, without[:1].id))
        else:
            told = self.env._("Units have a trade code: %s.", self._ready_names(units) or "—")
            yield Finding("units", READY, told)

    def _ready_names(self, records: models.Model) -> str:
        more = len(records) - NAMED
        told = some(records[:NAMED].mapped("display_name"))
        return (
            told if more <= 0 else self.env._("%(some)s, and %(more)s beyond", some=told, more=more)
        )

    # -- money ---------------------------------------------------------------------

    def _ready_taxes(self, company: models.Model) -> Iterator[Finding]:
        domain = [("type_tax_use", "=", "purchase"), ("company_id", "parent_of", company.id)]
        if self.env["account.tax"].search_count(domain, limit=1):
            told = self.env._("%s has taxes for purchases.", company.name)
            yield Finding("taxes", READY, told)
        else:
            told = self.env._(
                "%s has no tax for purchases: orders leave without. Set one up, unless you are "
                "exempt.",
                company.name,
            )
            yield Finding("taxes", WARNING, told, (company._name, company.id))

    def _ready_journals(self, company: models.Model) -> Iterator[Finding]:
        domain = [("type", "=", "purchase"), ("company_id", "parent_of", company.id)]
        journal = self.env["account.journal"].search(domain, limit=1)
        if journal:
            told = self.env._("Bills are entered in “%s”.", journal.name)
            yield Finding("journals", READY, told, (journal._name, journal.id))
        else:
            told = self.env._(
                "%s has no journal for bills: what is ordered could not be billed. Choose a chart "
                "of accounts.",
                company.name,
            )
            yield Finding("journals", MISSING, told, (company._name, company.id))

    def _ready_currency(self, company: models.Model, supplier: models.Model) -> Iterator[Finding]:
        own = company.currency_id
        supplier = supplier.with_company(company)
        currency = supplier.property_purchase_currency_id or own
        target = (currency._name, currency.id)
        if not currency.active:
            told = self.env._("Activate the currency %s.", currency.name)
            yield Finding("currency", MISSING, told, target)
        elif currency != own and not self._ready_rate(company, currency):
            told = self.env._("Enter a rate of %s: orders are in it.", currency.name)
            yield Finding("currency", MISSING, told, target)
        else:
            yield Finding("currency", READY, self.env._("Orders are in %s.", currency.name), target)

    def _ready_rate(self, company: models.Model, currency: models.Model) -> bool:
        companies = [False, *company.parent_ids.ids]
        domain = [("currency_id", "=", currency.id), ("company_id", "in", companies)]
        return bool(self.env["res.currency.rate"].search_count(domain, limit=1))
