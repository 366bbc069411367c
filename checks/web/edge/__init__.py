"""The edge in front of a site: which one answers, what it caches, what it lets through."""
