"""A page to try the API in a browser: it reads the OpenAPI document, and keeps no key."""

from __future__ import annotations

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Quartermaster API</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1d1c1d;background:#fff}
label{display:block;margin:.6rem 0 .1rem;font-weight:600}small{font-weight:400;color:#555}
input,select,textarea,button{font:inherit;padding:.4rem .6rem;border:1px solid #767676;border-radius:4px;width:100%;box-sizing:border-box}
button{width:auto;margin-top:1rem;background:#1d1c1d;color:#fff;cursor:pointer}
pre{background:#f4f4f4;padding:1rem;overflow:auto;border-radius:4px;max-height:32rem}
</style></head><body>
<h1>Quartermaster API</h1>
<p>Prices for this workspace's own programs. <a href="/v1/openapi.json">OpenAPI document</a> ·
<a href="/v1/schema/answer">schema of an answer</a> · <a href="/v1/schema/question">schema of a question</a></p>
<form id="form">
<label for="key">Key <small>from quartermaster key create; it stays in this page</small></label>
<input id="key" type="password" autocomplete="off" placeholder="qm_...">
<label for="operation">Operation</label><select id="operation"></select>
<p id="summary"></p><div id="fields"></div>
<button type="submit">Send</button></form>
<h2>Request</h2><pre id="request" tabindex="0"></pre>
<h2>Answer</h2><pre id="answer" tabindex="0" aria-live="polite"></pre>
<script src="/v1/try.js"></script></body></html>
""".encode()

SCRIPT = b""""use strict";
const at = (id) => document.getElementById(id);
const operations = [];
function chosen() { return operations[at("operation").selectedIndex]; }
function shown() {
  const {operation} = chosen();
  at("summary").textContent = operation.summary;
  at("fields").replaceChildren();
  const parameters = operation.parameters || [];
  for (const one of parameters.filter((p) => p.in !== "header")) add(one.name, one.description || "", one.required);
  if (operation.requestBody) {
    const example = operation.requestBody.content["application/json"].example;
    add("body", "JSON", true, JSON.stringify(example));
  }
}
function add(name, text, required, value) {
  const label = document.createElement("label");
  label.htmlFor = "in-" + name;
  label.textContent = name + (required ? " * " : " ");
  const small = document.createElement("small");
  small.textContent = text;
  label.append(small);
  const input = document.createElement(name === "body" ? "textarea" : "input");
  input.id = "in-" + name;
  input.required = Boolean(required);
  if (value) input.value = value;
  at("fields").append(label, input);
}
async function send(event) {
  event.preventDefault();
  const {path, method, operation} = chosen();
  const query = new URLSearchParams();
  let url = path;
  for (const one of operation.parameters || []) {
    const field = at("in-" + one.name);
    if (!field || !field.value) continue;
    if (one.in === "path") url = url.replace("{" + one.name + "}", encodeURIComponent(field.value));
    else query.set(one.name, field.value);
  }
  if (query.size) url += "?" + query;
  const body = at("in-body") ? at("in-body").value : undefined;
  const headers = {};
  if (at("key").value) headers.Authorization = "Bearer " + at("key").value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  at("request").textContent = "curl -X " + method.toUpperCase() + " '" + location.origin + url + "' -H 'Authorization: Bearer $QM_KEY'"
    + (body === undefined ? "" : " -H 'Content-Type: application/json' -d '" + body.replaceAll("'", "'\\\\''") + "'");
  try {
    const answer = await fetch(url, {method: method.toUpperCase(), headers, body});
    const text = await answer.text();
    let pretty = text;
    try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { /* CSV, or nothing */ }
    at("answer").textContent = answer.status + " " + answer.statusText + "\\n" + pretty;
  } catch (fault) { at("answer").textContent = String(fault); }
}
fetch("/v1/openapi.json").then((answer) => answer.json()).then((made) => {
  for (const [path, methods] of Object.entries(made.paths))
    for (const [method, operation] of Object.entries(methods))
      if (operation.security === undefined) {
        operations.push({path, method, operation});
        at("operation").append(new Option(method.toUpperCase() + " " + path));
      }
  at("operation").addEventListener("change", shown);
  at("form").addEventListener("submit", send);
  shown();
});
"""
