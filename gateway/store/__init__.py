"""Edge: SQLite, the truth. SQL stands only here."""
