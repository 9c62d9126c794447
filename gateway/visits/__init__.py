"""WHO CAME (pure). In: counted sessions. Out: visits by the library's counting rule."""
