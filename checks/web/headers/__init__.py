"""Response headers that protect visitors: a grammar each, and the checks that judge them."""
