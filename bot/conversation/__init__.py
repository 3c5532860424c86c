"""A turn on any platform: seen before? who asks, where, may they, how fast? Then ask, show, forget.

Nothing here knows a platform. A platform reads what came into an `Incoming`, brings a `Talk` to
answer with and a `Host` that tells what it knows of people and places; `docs/extend.md` says what
a folder of one holds, and `tests/conversation` has one of fifty lines.
"""
