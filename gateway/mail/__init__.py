"""Mail. In: the night told, the queue's mails. Out: letters in text and HTML, messages, and the mail server's answers."""
