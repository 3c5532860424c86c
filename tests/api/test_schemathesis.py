"""Another reader of the OpenAPI document makes up requests and looks whether we keep our word."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from api_parts import api


async def test_what_schemathesis_makes_of_the_document_is_answered_as_it_says(
    tmp_path: Path,
) -> None:
    """Status, type, headers and bodies are those of the document, and nothing ends in 500.

    That every value of the right form is taken is not asked: names of regions, providers and GPUs
    are closed by what we know, which a schema does not list.
    """
    async with api(tmp_path, QUARTERMASTER_LOG_LEVEL="error") as here:
        program = Path(sys.executable).parent / "schemathesis"
        started = await asyncio.create_subprocess_exec(
            program, "run", here.service.address + "/v1/openapi.json", "--header",
            f"Authorization: Bearer {here.orders}", "--max-examples", "10", "--seed", "1",
            "--no-color", "--exclude-checks", "positive_data_acceptance",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
        )  # fmt: skip
        async with asyncio.timeout(180):
            out, _ = await started.communicate()
    assert started.returncode == 0, out.decode()[-4000:]
    assert b"Tested: 10" in out
