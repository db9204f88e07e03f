"""Every kind of secret of this module: importing them registers them."""

from . import key_files, oauth2
from .kinds import KINDS

__all__ = ["KINDS", "key_files", "oauth2"]
