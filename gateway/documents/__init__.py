"""Papers into files: Paper -> bytes, one module a form; the same integers stand in each."""
