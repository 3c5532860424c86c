"""The HTTP API: what it answers, to whom, in which form, and what it refuses."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import string
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from api_parts import CONTRACT, Api, api, forged
from conftest import NOW, ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from test_answer_json import EXACT

from bot.api import keys
from bot.api.app import PREFIX, ROUTES, document
from bot.api.problems import STATUS
from knowledge.refresh.importing import import_csv


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Api]:
    async with api(tmp_path / "data") as running:
        file = tmp_path / "contract.csv"
        file.write_text(CONTRACT)
        store = running.service.store_keeper.store
        import_csv(file, store, source="ours", owner="slack:T1", now=NOW)
        yield running


def valid(kind: str, value: Any) -> list[str]:
    """What is wrong with a value by the OpenAPI document's schema of this name."""
    made = {"$ref": f"#/components/schemas/{kind}", "components": document()["components"]}
    return [error.message for error in Draft202012Validator(made).iter_errors(value)]


# -- answers and lists -----------------------------------------------------------------------------


async def test_words_and_a_stated_question_get_the_answer_of_the_terminal(here: Api) -> None:
    said = await here.post("/v1/ask", {"words": "cheapest 8x h100 in europe"})
    stated = await here.post("/v1/ask", {"question": {"intent": "cheapest", "accelerators": ["H100"], "count": 8, "region": "eu"}})  # fmt: skip
    assert (said.status, stated.status) == (200, 200)
    assert said.headers["Content-Type"] == "application/json"
    assert [error.message for error in EXACT.iter_errors(said.json)] == []
    assert said.json["offers"] == stated.json["offers"]
    assert said.json["offers"]
    assert said.json["answer"]["headline"] == stated.json["answer"]["headline"]


@pytest.mark.parametrize(("lang", "word"), [("en", "Cheapest"), ("pt", "mais barata"), ("es", "")])
async def test_the_language_is_that_of_the_body_then_of_the_header_then_of_the_words(
    lang: str, word: str, here: Api
) -> None:
    body = await here.post("/v1/ask", {"words": "cheapest h100", "lang": lang})
    header = await here.post(
        "/v1/ask", {"words": "cheapest h100"}, headers={"Accept-Language": f"{lang}-XX, xx;q=0.9"}
    )
    assert body.json["answer"]["lang"] == header.json["answer"]["lang"] == lang
    assert word in body.json["answer"]["headline"]
    words = await here.post("/v1/ask", {"words": "qual a h100 mais barata?"})
    assert words.json["answer"]["lang"] == "pt"


async def test_offers_come_in_pages_of_one_list(here: Api) -> None:
    whole = (await here.get("/v1/offers?gpu=a100&limit=200")).json
    assert valid("OffersDocument", whole) == []
    pages, path = [], "/v1/offers?gpu=a100&limit=17"
    while path:
        reply = await here.get(path)
        pages += reply.json["items"]
        cursor = reply.json["next"]
        assert ("Link" in reply.headers) == (cursor is not None)
        path = f"/v1/offers?gpu=a100&limit=17&cursor={cursor}" if cursor else ""
    assert len(pages) == len({one["id"] + one["source_url"] + one["as_of"] for one in pages}) == whole["total"]  # fmt: skip
    assert pages[: len(whole["items"])] == whole["items"]
    prices = [one["price_usd_per_gpu_hour"] for one in pages]
    assert prices == sorted(prices)
    assert all(one["as_of"] and one["source_url"] and one["publisher"] for one in pages)


async def test_a_filter_narrows_and_says_what_it_left_out(here: Api) -> None:
    found = (await here.get("/v1/offers?gpu=h100&region=us&billing=on-demand&count=8")).json
    assert found["items"]
    assert all(one["country"] in ("US", None) and (one["billing"], one["count"]) == ("on-demand", 8) for one in found["items"])  # fmt: skip
    places = (await here.get("/v1/availability?gpu=h100&region=eu")).json
    assert valid("AnswerDocument", places) == []
    assert places["answer"]["table"]["rows"]


async def test_a_cursor_of_another_version_or_of_another_list_is_refused(here: Api) -> None:
    first = (await here.get("/v1/offers?gpu=a100&limit=5")).json["next"]
    other = await here.get(f"/v1/offers?gpu=h100&limit=5&cursor={first}")
    assert (other.status, other.json["type"]) == (400, "urn:quartermaster:problem:bad-cursor")
    start, version, mark = json.loads(base64.urlsafe_b64decode(first + "=="))
    old = base64.urlsafe_b64encode(json.dumps([start, version - 1, mark]).encode()).decode()
    stale = await here.get(f"/v1/offers?gpu=a100&limit=5&cursor={old.rstrip('=')}")
    assert (stale.status, stale.json["type"]) == (400, "urn:quartermaster:problem:cursor-expired")
    for nonsense in ("x", "%00", "W10", base64.urlsafe_b64encode(b"[1e999,1,2]").decode(), "[" * 150):  # fmt: skip
        reply = await here.get("/v1/offers", params={"gpu": "a100", "cursor": nonsense})
        assert (reply.status, reply.json["type"]) == (400, "urn:quartermaster:problem:bad-cursor")


async def test_a_table_is_given_as_csv_and_holds_no_formula(here: Api, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    dear = CONTRACT.replace("gpu_8x_h100_sxm5", "=HYPERLINK(1)").replace("80,8,", "80,7,")
    file.write_text(dear.replace("7.77", "30.00"))
    import_csv(file, here.service.store_keeper.store, source="feed", owner=None, now=NOW)
    reply = await here.get("/v1/offers?gpu=h100&count=7&limit=200", headers={"Accept": "text/csv"})
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.body.decode())))
    same = (await here.get("/v1/offers?gpu=h100&count=7&limit=200")).json["items"]
    assert [float(row["price_usd_per_hour"]) for row in rows] == [one["price_usd_per_hour"] for one in same]  # fmt: skip
    assert [row["instance_type"] for row in rows].count("'=HYPERLINK(1)") == 1
    history = await here.get("/v1/history?gpu=h100&days=365", headers={"Accept": "text/csv"})
    assert history.body.startswith(b"day,series,usd_per_gpu_hour\r\n2")
    nothing = await here.get("/v1/offers?gpu=h100", headers={"Accept": "image/png"})
    assert nothing.status == 406


async def test_what_did_not_change_is_not_sent_again(here: Api) -> None:
    first = await here.get("/v1/offers?gpu=h100")
    mark = first.headers["ETag"]
    for sent in (mark, f"W/{mark}", f'"x", {mark}', "*"):
        again = await here.get("/v1/offers?gpu=h100", headers={"If-None-Match": sent})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == mark
    assert (await here.get("/v1/offers?gpu=a100", headers={"If-None-Match": mark})).status == 200
    head = await here.ask("HEAD", "/v1/offers?gpu=h100", headers={"Accept-Encoding": "identity"})
    whole = await here.get("/v1/offers?gpu=h100", headers={"Accept-Encoding": "identity"})
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", mark)
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


async def test_what_is_large_is_packed_for_whoever_takes_it(here: Api) -> None:
    packed = await here.get("/v1/offers?gpu=h100", headers={"Accept-Encoding": "gzip"})
    plain = await here.get("/v1/offers?gpu=h100", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.body == plain.body


async def test_a_remembered_answer_is_the_same_packed_or_plain(here: Api) -> None:
    """It is packed once: the second that asks gets the same bytes, and who takes none gets them plain."""
    asked = {"words": "cheapest 8x h100"}
    first = await here.post("/v1/ask", asked, headers={"Accept-Encoding": "gzip"})
    again = await here.post("/v1/ask", asked, headers={"Accept-Encoding": "gzip"})
    plain = await here.post("/v1/ask", asked, headers={"Accept-Encoding": "identity"})
    table = await here.post(
        "/v1/ask", asked, headers={"Accept-Encoding": "gzip", "Accept": "text/csv"}
    )
    assert first.headers["Content-Encoding"] == again.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert first.body == again.body == plain.body
    assert table.body.startswith(b"id,provider")


async def test_sources_providers_and_history_are_as_the_document_says(here: Api) -> None:
    for path, kind in (
        ("/v1/sources", "SourcesDocument"),
        ("/v1/providers/lambda", "AnswerDocument"),
        ("/v1/providers/Lambda%20Labs", "AnswerDocument"),
        ("/v1/history?gpu=h100&days=365&lang=pt", "AnswerDocument"),
    ):
        reply = await here.get(path)
        assert reply.status == 200
        assert valid(kind, reply.json) == []
    assert (await here.get("/v1/providers/nobody")).status == 404


# -- whose prices ----------------------------------------------------------------------------------


async def test_contract_prices_need_a_key_of_their_workspace_that_may(here: Api) -> None:
    """Looked for in every byte of every answer."""
    asked: list[tuple[str, str, Any]] = [
        ("POST", "/v1/ask", {"words": "cheapest 8x h100"}),
        ("POST", "/v1/ask", {"words": "price h100 lambda"}),
        ("POST", "/v1/ask", {"words": "provider lambda"}),
        ("GET", "/v1/offers?gpu=h100&count=8&limit=200", None),
        ("GET", "/v1/availability?gpu=h100", None),
        ("GET", "/v1/providers/lambda", None),
        ("GET", "/v1/sources", None),
        ("GET", "/v1/history?gpu=h100&provider=lambda", None),
    ]
    seen = 0
    for _ in range(2):  # the second time out of what is remembered
        for method, path, body in asked:
            given = {"json": body} if body else {}
            may = await here.ask(method, path, key=here.contracts, **given)
            seen += b"hunter2contract" in may.body
            for key in (here.plain, here.other):
                reply = await here.ask(method, path, key=key, **given)
                assert reply.status == 200
                assert b"hunter2contract" not in reply.body, path
                assert b'"contract":true' not in reply.body
    assert seen >= 4


@pytest.mark.parametrize("path", ["/v1/offers?gpu=h100", "/v1/sources", "/v1/orders"])
async def test_twenty_forged_identities_are_told_401_and_nothing_else(path: str, here: Api) -> None:
    ways = forged(here.contracts)
    assert len(ways) == 20
    for name, header in ways.items():
        reply = await here.get(path, key=None, headers={"Authorization": header} if header else {})
        assert reply.status == 401, name
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert valid("Problem", reply.json) == []
        assert b"usd" not in reply.body.lower()


async def test_a_key_in_the_query_is_none(here: Api) -> None:
    reply = await here.get(f"/v1/sources?key={here.plain}", key=None)
    assert reply.status == 401


async def test_a_revoked_key_ends_within_a_second_and_a_workspace_takes_its_keys_along(
    here: Api,
) -> None:
    state = here.service._state.state
    assert (await here.get("/v1/sources")).status == 200
    assert keys.revoke(state, here.plain) is not None
    await here.until(lambda: here.get("/v1/sources"), 401)
    assert keys.revoke(state, here.plain) is None
    state.forget_workspace("slack:T1")
    assert {key.workspace for key in keys.every(state)} == {"slack:T2"}
    await here.until(lambda: here.get("/v1/sources", key=here.contracts), 401)
    assert (await here.get("/v1/sources", key=here.other)).status == 200


async def test_the_last_use_is_noted_and_no_secret_is_kept(
    here: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, noted = here.service._state.state, threading.Event()
    kept = state.records.keep_known

    def keep_known(*given: Any) -> bool:
        done = kept(*given)
        noted.set()
        return done

    monkeypatch.setattr(state.records, "keep_known", keep_known)
    await here.get("/v1/sources", key=here.other)
    await asyncio.get_running_loop().run_in_executor(None, noted.wait, 5)
    used = {key.workspace for key in keys.every(state) if key.last_used == NOW.date().isoformat()}
    assert used == {"slack:T2"}
    secret = here.other.split("_", 2)[2]
    assert secret not in repr(keys.every(state))


async def test_a_key_has_its_minute_and_is_told_what_is_left(tmp_path: Path) -> None:
    async with api(tmp_path, QUARTERMASTER_API_PER_MINUTE="3") as here:
        left = []
        for _ in range(3):
            reply = await here.get("/v1/sources")
            assert reply.status == 200
            left.append(reply.headers["RateLimit"].split(";")[1])
        assert left == ["r=2", "r=1", "r=0"]
        reply = await here.get("/v1/sources")
        assert reply.status == 429
        assert 0 < int(reply.headers["Retry-After"]) <= 60
        assert reply.headers["RateLimit-Policy"] == '"minute";q=3;w=60'
        assert (await here.get("/v1/sources", key=here.contracts)).status == 200


async def test_keys_that_cannot_be_checked_are_not_believed(
    here: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.state import StateFault

    def away(*_: object) -> None:
        raise StateFault("away")

    monkeypatch.setattr(type(here.service._state.state.records), "below", away)
    reply = await here.until(lambda: here.get("/v1/sources"), 503)
    assert "Retry-After" in reply.headers


# -- orders ----------------------------------------------------------------------------------------


async def test_orders_stand_in_the_keys_conversation_alone(here: Api) -> None:
    made = await here.post("/v1/orders", {"words": "watch h100 < 2.00 eu"}, key=here.orders)
    assert made.status == 200
    digest = await here.post("/v1/orders", {"words": "digest weekly monday 09:00 h100"}, key=here.orders)  # fmt: skip
    assert digest.status == 200
    state = here.service._state.state
    assert [one.place for one in state.watches.of("slack:T1:C1")] == ["slack:T1:C1"]
    listed = (await here.get("/v1/orders", key=here.orders)).json
    assert valid("OrdersDocument", listed) == []
    assert [one["kind"] for one in listed["items"]] == ["watch", "digest"]
    for key in (here.plain, here.contracts, here.other):
        assert (await here.get("/v1/orders", key=key)).status == 403
        assert (await here.ask("DELETE", "/v1/orders/watch-1", key=key)).status == 403
        assert (await here.post("/v1/orders", {"words": "watch h100 < 2"}, key=key)).status == 403
    for one in listed["items"]:
        assert (await here.ask("DELETE", f"/v1/orders/{one['id']}", key=here.orders)).status == 204
        assert (await here.ask("DELETE", f"/v1/orders/{one['id']}", key=here.orders)).status == 404
    for odd in ("watch-", "watch-x", "watch-99999999999999999999", "watch-²", "note-1", "watch-1;"):
        assert (await here.ask("DELETE", f"/v1/orders/{odd}", key=here.orders)).status == 404
    assert (
        await here.post("/v1/orders", {"words": "cheapest h100"}, key=here.orders)
    ).status == 400


@pytest.mark.parametrize("words", ["watch h100 < 2.00", "digest weekly h100", "unwatch all", "digest stop", "avise quando a h100 cair abaixo de 2"])  # fmt: skip
async def test_asking_sets_nothing_up_and_ends_nothing(words: str, here: Api) -> None:
    state = here.service._state.state
    await here.post("/v1/orders", {"words": "watch h100 < 2.00 eu"}, key=here.orders)
    before = state.watches.of("slack:T1:C1"), state.digests.of("slack:T1:C1")
    reply = await here.post("/v1/ask", {"words": words}, key=here.orders)
    assert reply.status == 200
    assert (state.watches.of("slack:T1:C1"), state.digests.of("slack:T1:C1")) == before


async def test_a_program_cannot_remove_its_trail(here: Api) -> None:
    assert (await here.post("/v1/ask", {"words": "forget me"})).status == 403
    assert (await here.post("/v1/ask", {"words": "esqueça-me"})).status == 403


# -- refusals --------------------------------------------------------------------------------------

BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"null", 400),
    (b"[]", 400),
    (b'"cheapest h100"', 400),
    (b"{}", 400),
    (b'{"words":1}', 400),
    (b'{"words":""}', 400),
    (b'{"words":"   "}', 400),
    (b'{"words":null,"question":null}', 400),
    (b'{"words":"a","words":"b"}', 400),
    (b'{"words":"h100","wrods":1}', 400),
    (b'{"words":"h100","question":{"intent":"price"}}', 400),
    (b'{"words":"h100","lang":"fr"}', 400),
    (b'{"words":"\\ud800 h100"}', 400),
    (b'{"words":"\xff"}', 400),
    (b'{"words":' + b"[" * 60_000, 400),
    (b'{"question":' + b'{"a":' * 5000 + b"1" + b"}" * 5001, 400),
    (b'{"question":{"intent":"cheapest","count":NaN}}', 400),
    (b'{"question":{"intent":"cheapest","hours":1e999}}', 400),
    (b'{"question":{"intent":"cheapest","count":' + b"9" * 5000 + b"}}", 400),
    (b'{"question":{"intent":"cheapest","region":"\\u0000"}}', 400),
    (b'{"question":{"__class__":"x","intent":"cheapest"}}', 400),
    (b'{"words":"' + b"a" * 3000 + b'"}', 400),
    (b'{"words":"' + b"a" * 70_000 + b'"}', 413),
]


@pytest.mark.parametrize("route", ["/v1/ask", "/v1/orders"])
async def test_bodies_that_mean_nothing_are_refused_in_one_sentence(route: str, here: Api) -> None:
    for body, status in BODIES:
        reply = await here.ask("POST", route, key=here.orders, data=body, headers={"Content-Type": "application/json"})  # fmt: skip
        assert reply.status == status, body[:60]
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert valid("Problem", reply.json) == []
        assert reply.json["status"] == status
        for leak in (b"pydantic", b"Traceback", b"File ", b"/bot/", b"a" * 100):
            assert leak not in reply.body


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
async def test_another_type_or_packing_is_refused(kind: str, here: Api) -> None:
    reply = await here.ask("POST", "/v1/ask", data=b'{"words":"h100"}', headers={"Content-Type": kind})  # fmt: skip
    assert (reply.status, reply.json["type"]) == (415, "urn:quartermaster:problem:not-this-type")
    packed = await here.ask("POST", "/v1/ask", data=b"x", headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})  # fmt: skip
    assert packed.status == 415


async def test_a_query_that_is_not_known_is_no_wider_question(here: Api) -> None:
    for query, pointer in (
        ("gpu=h100&regoin=eu", "/regoin"),
        ("gpu=h100&gpu=a100", "/gpu"),
        ("gpu=h100&limit=0", "/limit"),
        ("gpu=h100&limit=201", "/limit"),
        ("gpu=h100&limit=1.5", "/limit"),
        ("gpu=h100&region=atlantis", "/region"),
        ("gpu=h100&provider=nobody", "/provider"),
        ("gpu=h100&billing=free", "/billing"),
        ("gpu=h100&count=-1", "/count"),
        ("gpu=h100&max_price=nan", "/max_price"),
        ("gpu=h300", "/gpu"),
        ("", "/gpu"),
        ("gpu=" + "h" * 101, "/gpu"),
        ("gpu=h100&lang=xx", "/lang"),
    ):
        reply = await here.get(f"/v1/offers?{query}")
        assert reply.status == 400, query
        assert [one["pointer"] for one in reply.json["errors"]] == [pointer]
    near = await here.get("/v1/offers?gpu=h300&lang=pt")
    assert "H100" in near.json["did_you_mean"]
    assert near.headers["Content-Language"] == "pt"


async def test_methods_and_addresses_that_are_none(here: Api) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        reply = await here.ask(method, "/v1/ask")
        assert (reply.status, reply.headers["Allow"]) == (405, "POST")
        assert reply.json["type"] == "urn:quartermaster:problem:not-this-method"
    for path in ("/v1", "/v1/nothing", "/v1/ask/", "/v1//ask", "/v1/providers/", "/v1/schema/x"):
        assert (await here.get(path)).status == 404, path


async def test_browsers_of_other_origins_read_nothing_unless_named(
    tmp_path: Path, here: Api
) -> None:
    off = await here.ask("OPTIONS", "/v1/ask", key=None, headers={"Origin": "https://app.example"})
    assert off.status == 405
    assert not any(name.startswith("Access-Control") for name in off.headers)
    async with api(tmp_path / "on", QUARTERMASTER_API_ORIGINS="https://app.example") as on:
        for origin, allowed in (("https://app.example", True), ("https://evil.example", False), ("null", False)):  # fmt: skip
            reply = await on.get("/v1/sources", headers={"Origin": origin})
            assert reply.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
            assert "Access-Control-Allow-Credentials" not in reply.headers
        ahead = await on.ask("OPTIONS", "/v1/ask", key=None, headers={"Origin": "https://app.example"})  # fmt: skip
        assert (ahead.status, ahead.headers["Access-Control-Allow-Methods"]) == (204, "POST")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
ANY_BODY = st.one_of(
    st.binary(max_size=200),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({"words": TEXT}).map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(["words", "question", "lang", "x"]), VALUES, max_size=3).map(
        lambda value: json.dumps(value).encode()
    ),
    st.dictionaries(
        st.sampled_from(sorted(document()["components"]["schemas"]["Question"]["properties"])), VALUES, max_size=5
    ).map(lambda value: json.dumps({"question": {"intent": "cheapest", **value}}).encode()),
)  # fmt: skip


def test_five_hundred_random_bodies_a_route_are_answered_or_refused(tmp_path: Path) -> None:
    """None ends in 500, and each refusal is a problem as the document says."""
    with asyncio.Runner() as runner:
        opened = api(tmp_path, QUARTERMASTER_LOG_LEVEL="error")
        here = runner.run(opened.__aenter__())

        @settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
        @given(ANY_BODY, st.sampled_from(["/v1/ask", "/v1/orders"]))
        def attempt(body: bytes, _: str) -> None:
            for route in ("/v1/ask", "/v1/orders"):
                reply = runner.run(
                    here.ask("POST", route, key=here.orders, data=body, headers={"Content-Type": "application/json"})
                )  # fmt: skip
                assert reply.status in (200, 400, 403, 413), (route, body, reply.body)
                if reply.status != 200:
                    assert valid("Problem", reply.json) == []

        @settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            st.sampled_from([route for route in ROUTES if route.query and "{" not in route.path]),
            st.dictionaries(
                st.sampled_from(
                    [
                        "gpu",
                        "region",
                        "limit",
                        "cursor",
                        "count",
                        "billing",
                        "days",
                        "lang",
                        "provider",
                        "max_price",
                        "q",
                    ]
                ),
                TEXT
                | st.sampled_from(
                    ["h100", "eu", "1", "spot", "pt", "lambda", string.printable[:60]]
                ),
                max_size=5,
            ),
        )
        def query(route: Any, given_query: dict[str, str]) -> None:
            reply = runner.run(here.get(PREFIX + route.path, key=here.orders, params=given_query))
            assert reply.status in (200, 400), (route.path, given_query, reply.body)

        attempt()
        query()
        runner.run(opened.__aexit__(None, None, None))


# -- the document ----------------------------------------------------------------------------------


def test_the_published_document_is_the_one_of_the_code() -> None:
    """`make schemas` was run after the last change."""
    assert json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8")) == document()


def test_the_document_is_openapi_and_names_every_address() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []
    shown = {(path, method.upper()) for path, methods in document()["paths"].items() for method in methods}  # fmt: skip
    served = {(PREFIX + route.path, method) for route in ROUTES for method in route.methods}
    assert served - shown == {(PREFIX + "/", "GET"), (PREFIX + "/try.js", "GET")}
    assert shown <= served


async def test_the_document_and_the_page_need_no_key_and_hold_no_figure(here: Api) -> None:
    for path in ("/v1/openapi.json", "/v1/schema/answer", "/v1/schema/question", "/v1/", "/v1/try.js"):  # fmt: skip
        reply = await here.get(path, key=None)
        assert reply.status == 200
        assert b"2.49" not in reply.body
    page = await here.get("/v1/", key=None)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("kind", STATUS)
@pytest.mark.parametrize("lang", ["en", "pt", "es"])
def test_every_problem_has_its_sentence_in_every_language(kind: str, lang: Any) -> None:
    from bot.api.problems import Problem, sentence
    from bot.core.wording import wording

    said = sentence(Problem(kind, names=("H100",), reference="abc123"), wording(lang))
    assert said.endswith((".", "?")) or "errors" in said or "qm_" in said
    if lang != "en":
        assert said != sentence(Problem(kind, names=("H100",), reference="abc123"), wording("en"))


async def test_a_way_in_that_is_off_is_not_there(tmp_path: Path) -> None:
    async with api(tmp_path, QUARTERMASTER_API="0", QUARTERMASTER_MCP="0") as here:
        for path in ("/v1/ask", "/v1/openapi.json", "/mcp"):
            assert (await here.post(path, {"words": "h100"})).status == 404
