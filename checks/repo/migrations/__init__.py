"""Database migrations: which are pending, and what each statement would do to a live database."""
