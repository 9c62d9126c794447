"""DNS filtering: who asks is a profile, never a person.

In: queries, lists, local rules. Out: answers with their reason. Knows nothing of `gateway`.
"""
