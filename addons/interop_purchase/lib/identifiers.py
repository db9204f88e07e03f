"""Item and place numbers as people typed them, made fit to leave, and compared."""

from odoo.addons.interop_document.lib.gs1 import is_gln, is_gtin, is_udi_di

_FILLERS = str.maketrans("", "", " -\u00a0\u2011")


def clean_gtin(code: str | None) -> str | None:
    """The GTIN in `code` without spaces and hyphens, or None if it is none.

    Odoo's barcode field holds whatever was scanned; only what really is a GTIN leaves as one.

    >>> clean_gtin("6 291041 500213"), clean_gtin("SHELF-12"), clean_gtin(None)
    ('6291041500213', None, None)
    """
    digits = (code or "").translate(_FILLERS)
    return digits if digits and is_gtin(digits) else None


def clean_gln(code: str | None) -> str | None:
    """The global location number in `code` without spaces and hyphens, or None if it is none."""
    digits = (code or "").translate(_FILLERS)
    return digits if digits and is_gln(digits) else None


def clean_udi_di(code: str | None) -> str | None:
    """The UDI device identifier in `code`, or None if it cannot be one."""
    text = (code or "").strip()
    return text if text and is_udi_di(text) else None


def same_gtin(one: str, other: str) -> bool:
    """Whether two GTINs name the same item, whatever length they are written in.

    >>> same_gtin("6291041500213", "06291041500213")
    True
    """
    return one.strip().zfill(14) == other.strip().zfill(14)
