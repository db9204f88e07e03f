from . import dispatcher, inbound
