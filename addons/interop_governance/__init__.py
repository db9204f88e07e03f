from . import controllers, models, wizards
from .lib import acts
