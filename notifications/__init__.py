"""Telling people: messages rendered in their language, channels that carry them, and the outbox's sender."""
