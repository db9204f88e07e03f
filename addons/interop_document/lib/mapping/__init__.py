"""Mappings: from a document to a partner's shape and back, as rows that people can read."""

# Registers the mapper of rows.
from . import compiled as compiled
