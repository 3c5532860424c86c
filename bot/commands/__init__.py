"""One file a command, each with `answer(question, desk)`; their records are in `bot.core.command`."""
