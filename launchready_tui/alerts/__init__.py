"""Test alerts: who is alerted, the code that each alert carries, and the services that hand it over."""
