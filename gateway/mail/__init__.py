"""In: the night told, mails of the queue. Out: letters in text and HTML, messages, the mail server's answers."""
