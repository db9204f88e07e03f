from . import models, wizards
from .lib import json_codec
