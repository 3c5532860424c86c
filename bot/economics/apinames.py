"""Names of those who sell tokens by API, as people write them."""

from __future__ import annotations

_NAMES = {
    "aws": "AWS Bedrock", "openai": "OpenAI", "ovhcloud": "OVHcloud", "deepinfra": "DeepInfra",
    "gmicloud": "GMI Cloud", "vertex-ai": "Vertex AI", "wandb": "W&B", "zai": "Z.ai",
    "moonshotai": "Moonshot", "sambanova": "SambaNova", "friendliai": "FriendliAI",
    "deepseek": "DeepSeek", "minimax": "MiniMax", "voyageai": "Voyage AI", "watsonx": "watsonx",
    "x-ai": "xAI",
}  # fmt: skip


def api_name(provider: str) -> str:
    return _NAMES.get(provider, provider.replace("-", " ").capitalize())
