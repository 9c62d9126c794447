"""Library cards held by the library's own system, asked over SIP2 (3M Standard Interchange Protocol 2.00).

In:  a card number and a PIN.
Out: what the system says of the card: valid or not, PIN right or not, blocked, its category, its last day.
"""
