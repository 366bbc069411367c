"""The mail exchangers: who receives for the domain, and how each answers."""
