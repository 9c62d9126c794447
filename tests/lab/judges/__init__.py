"""Other people's programs that judge the gateway: how each is started on a client, asked, and ended."""
