"""Entrance: patrons. Redirect of the first request, splash, login, status."""
