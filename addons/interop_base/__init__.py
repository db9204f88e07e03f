from . import models, wizards
from .hooks import post_init_hook
from .lib import redaction

# Odoo logs the values of a failing SQL statement. From here on it no longer does.
redaction.install()
