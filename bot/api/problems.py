"""What went wrong with a request of a program: RFC 9457 problem details, in its language.

A problem names the place and the kind of each fault and never repeats what was sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.core.wording import Wording, wording
from bot.language import Lang
from bot.render.question_json import Wrong

if TYPE_CHECKING:
    from aiohttp import web

CONTENT_TYPE = "application/problem+json"
STATUS = {
    "not-json": 400,
    "invalid": 400,
    "unknown-gpu": 400,
    "not-an-order": 400,
    "bad-cursor": 400,
    "cursor-expired": 400,
    "no-key": 401,
    "not-allowed": 403,
    "other-origin": 403,
    "not-found": 404,
    "not-this-method": 405,
    "not-acceptable": 406,
    "slow-body": 408,
    "too-large": 413,
    "not-this-type": 415,
    "other-host": 421,
    "too-many": 429,
    "broken": 500,
    "overload": 503,
    "no-state": 503,
    "no-prices": 503,
}
"""Kind of problem -> HTTP status."""


class Problem(Exception):
    """A request that is refused; `kind` is one of STATUS."""

    def __init__(
        self,
        kind: str,
        *,
        faults: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
        reference: str = "",
        names: Sequence[str] = (),
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = STATUS[kind]
        self.faults = faults
        self.headers = dict(headers or {})
        self.reference = reference
        self.names = tuple(names)
        """What may have been meant, or what is allowed."""


def sentence(problem: Problem, say: Wording) -> str:
    """One clear sentence that says what to do."""
    kind = problem.kind
    if kind == "not-json":
        return say.t("The body is no JSON that can be read: one UTF-8 object, each name once, no more than 20 levels deep.")  # fmt: skip
    if kind == "invalid":
        return say.tn("{n} value cannot be used; see errors.", "{n} values cannot be used; see errors.", len(problem.faults))  # fmt: skip
    if kind == "unknown-gpu":
        if problem.names:
            return say.t("No GPU of that name is known. Did you mean {names}?", names=say.listing(problem.names, last="or"))  # fmt: skip
        return say.t("No GPU of that name is known.")
    if kind == "not-an-order":
        return say.t("That sets up no watch and no digest.")
    if kind == "bad-cursor":
        return say.t("The cursor does not belong to this request; begin without one.")
    if kind == "cursor-expired":
        return say.t("The prices have changed since this cursor was made; begin without one.")
    if kind == "no-key":
        return say.t("A valid key is needed: Authorization: Bearer qm_...")
    if kind == "not-allowed":
        return say.t("This key may not do that.")
    if kind == "other-origin":
        return say.t("Pages of that origin may not ask here.")
    if kind == "other-host":
        return say.t("This service is not asked under that name.")
    if kind == "not-found":
        return say.t("There is nothing at this address.")
    if kind == "not-this-method":
        return say.t("This address takes {methods}.", methods=", ".join(problem.names))
    if kind == "not-acceptable":
        return say.t("This address gives {types}.", types=", ".join(problem.names))
    if kind == "slow-body":
        return say.t("The body did not arrive in time.")
    if kind == "too-large":
        return say.t("The request is too large.")
    if kind == "not-this-type":
        return say.t("Send application/json, not compressed.")
    if kind == "too-many":
        return say.t("This key asked a lot in one minute. Please try again in a moment.")
    if kind == "overload":
        return say.t("Many questions arrived at once. Please ask again in a few seconds.")
    if kind == "no-state":
        return say.t("Keys cannot be checked just now. Please try again in a few seconds.")
    if kind == "no-prices":
        return say.t("The prices cannot be read just now. They are being put right; please ask again in a few seconds.")  # fmt: skip
    return say.t(
        "Sorry, something broke on our side. Quote reference {reference} to whoever runs this bot.",
        reference=problem.reference,
    )


def detail(fault: Wrong, say: Wording) -> str:
    """What is wrong at one place."""
    kind = fault.kind
    if kind == "missing":
        return say.t("is missing")
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return say.t("is not known here")
    if kind == "repeated":
        return say.t("is given more than once")
    if kind == "unknown_place":
        return say.t("is no region or country code; groups are {names}", names=", ".join(fault.choices))  # fmt: skip
    if kind == "unknown_provider":
        return say.t("is no provider we know")
    if kind == "unknown_gpu":
        return say.t("is no GPU we know")
    if kind == "one_of":
        return say.t("give exactly one of {names}", names=", ".join(fault.choices))
    if fault.choices:
        return say.t("must be one of {names}", names=", ".join(fault.choices))
    if kind.startswith(("int", "float", "finite", "decimal")):
        return say.t("must be a number")
    if kind.startswith(("greater", "less")):
        return say.t("is outside what is allowed")
    if kind.startswith(("string_too", "too_")):
        return say.t("has a length that is not allowed")
    if kind.startswith("bool"):
        return say.t("must be true or false")
    if kind.startswith("string"):
        return say.t("must be a text of the right form")
    return say.t("has the wrong type")


def document(problem: Problem, lang: Lang) -> dict[str, Any]:
    """The problem as RFC 9457 writes it."""
    say = wording(lang)
    made: dict[str, Any] = {
        "type": f"urn:quartermaster:problem:{problem.kind}",
        "title": problem.kind.replace("-", " "),
        "status": problem.status,
        "detail": sentence(problem, say),
    }
    if problem.reference:
        made["instance"] = f"urn:quartermaster:fault:{problem.reference}"
    if problem.faults:
        made["errors"] = [
            {"pointer": one.pointer, "detail": detail(one, say)} for one in problem.faults
        ]
    if problem.kind == "unknown-gpu":
        made["did_you_mean"] = list(problem.names)
    return made


def response(problem: Problem, lang: Lang) -> web.Response:
    """The problem as an HTTP answer."""
    from aiohttp import web

    body = json.dumps(document(problem, lang), ensure_ascii=False).encode()
    return web.Response(
        status=problem.status,
        body=body,
        headers={**problem.headers, "Content-Type": CONTENT_TYPE, "Content-Language": lang},
    )
