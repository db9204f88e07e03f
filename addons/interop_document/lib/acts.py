"""Acts about document types, mappings and crosswalks, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts

register_acts(
    "configuration",
    {
        "document_type.load": "Document type loaded",
        "document_type.change": "Document type changed",
        "document_type.archive": "Document type archived",
        "document_type.restore": "Document type restored",
        "mapping.create": "Mapping made",
        "mapping.change": "Mapping changed",
        "mapping.delete": "Mapping deleted",
        "mapping.configured": "Rules of mappings changed",
        "crosswalk.create": "Crosswalk made",
        "crosswalk.change": "Crosswalk changed",
        "crosswalk.rules.change": "Crosswalk's rules changed",
        "crosswalk.delete": "Crosswalk deleted",
        "crosswalk.import": "Crosswalk imported",
        "source_rule.change": "Source of truth changed",
        "source_rule.delete": "Source of truth deleted",
    },
)

register_acts(
    "evidence",
    {
        "crosswalk.export": "Crosswalk exported",
    },
)
