"""Bodies of requests that nobody has vouched for yet: how many bytes of them, and for how long."""

from __future__ import annotations

import asyncio

from aiohttp import ClientError, web

IN_FLIGHT = 8 * 1024 * 1024
"""Bytes of all bodies that are being read."""
BODY_SECONDS = 5.0
"""Both platforms send a body with its headers; it takes longer where somebody holds it back."""


class Bodies:
    """Reads them within one budget. For the event loop."""

    def __init__(self, most: int = IN_FLIGHT) -> None:
        self._most = most
        self._held = 0
        self._reading: dict[int, tuple[web.Request, int]] = {}
        """By the request's id, oldest first, with what it may take."""

    async def read(self, request: web.Request, most: int) -> bytes:
        """The body. Raises HTTPException: 413 beyond `most` bytes, 408 when it does not come, 400
        when it breaks off, 503 when all bodies together would be too much."""
        declared = request.content_length
        if (declared or 0) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=declared or 0)
        size = most if declared is None else declared
        while self._held + size > self._most and self.cut_oldest():
            pass
        if self._held + size > self._most:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"})
        key = id(request)
        self._reading[key] = (request, size)
        self._held += size
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        except (ClientError, ConnectionError, web.RequestPayloadError) as fault:
            # The stream keeps this fault, and its trace would keep the stream and all that it brought.
            fault.__traceback__ = None
            raise web.HTTPBadRequest from None
        finally:
            self._release(key)
        if len(body) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(body))
        return body

    def cut_oldest(self) -> bool:
        """Ends the connection that has been sending its body for longest, so that another may; False
        when there is none. Who holds bodies back holds up only others who do."""
        key = next(iter(self._reading), None)
        if key is None:
            return False
        request, _ = self._reading[key]
        self._release(key)
        request.protocol.force_close()
        return True

    def _release(self, key: int) -> None:
        found = self._reading.pop(key, None)
        if found is not None:
            self._held -= found[1]


BODIES: web.AppKey[Bodies] = web.AppKey("bodies", Bodies)
"""Where an application keeps its one budget."""


def of(app: web.Application) -> Bodies:
    """The application's budget; one of its own where it names none."""
    return app.get(BODIES) or Bodies()
