"""Checks of the site as visitors and search engines meet it: its addresses, redirects and homepage."""
