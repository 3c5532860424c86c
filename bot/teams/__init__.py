"""Microsoft Teams: cards, the HTTP way in, posts, the app package.

`app.py` alone imports the Bot Framework SDK; everything else here is ours.
"""
