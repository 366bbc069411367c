"""Forms of the site: what they ask, where they send it, and whether it arrives."""
