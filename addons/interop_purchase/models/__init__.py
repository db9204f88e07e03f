from . import (
    handler_purchase_order,
    handler_purchase_order_acknowledgement,
    product_template,
    purchase_order,
    purchase_order_line,
    res_partner,
    uom_uom,
)
