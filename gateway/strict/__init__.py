"""Strict mode: questions of strict profiles pass here, and what is answered goes into the kernel before the answer."""
