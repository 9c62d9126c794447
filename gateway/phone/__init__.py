"""A phone made of software: it comes in through the library network's own interface and does what a reader's does."""
