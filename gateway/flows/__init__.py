"""THE JOURNEYS. Each file is one story, read top to bottom; flows talk to ports only."""
