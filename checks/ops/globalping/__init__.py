"""Globalping: measures an address from other places of the world (api.globalping.io, HTTP API v1).

Only GET, HEAD and OPTIONS, no body, and public addresses alone; what it measures, anyone who knows the id can read.
"""

from checks.ops.globalping.answer import Seen, read_measurement
from checks.ops.globalping.client import BASE, Clock, Globalping, Limited, Measured
from checks.ops.globalping.limits import Limits, read_limits

__all__ = [
    "BASE",
    "Clock",
    "Globalping",
    "Limited",
    "Limits",
    "Measured",
    "Seen",
    "read_limits",
    "read_measurement",
]
