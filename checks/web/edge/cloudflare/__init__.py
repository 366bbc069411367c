"""Cloudflare's API, version 4: what it says of the zone, and one record changed where a person asks for it."""
