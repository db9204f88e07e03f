from . import controllers, models
from .lib import http, oauth2
