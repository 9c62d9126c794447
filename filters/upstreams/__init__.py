"""Asks other resolvers.

In: a question (Key). Out: Kept, the cleaned answer; or NoAnswerError with what to tell the asker.
"""
