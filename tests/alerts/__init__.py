"""Test alerts: the codes, the services that hand them over, and the drills that measure."""
