"""EDGE: an e-invoice's XML (counting 3.6). In: bytes of a file. Out: an invoice fact, or what is wrong by line."""
