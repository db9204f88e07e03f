# What handlers are made of comes first.
from . import (
    handler_purchase_order_acknowledgement_sources,
    readiness_purchase_order_acknowledgement,
)

# isort: split
from . import (
    handler_purchase_order,
    handler_purchase_order_acknowledgement,
    handler_purchase_order_acknowledgement_deciding,
    product_template,
    purchase_order,
    purchase_order_line,
    readiness_purchase_order,
    res_partner,
    uom_uom,
)
