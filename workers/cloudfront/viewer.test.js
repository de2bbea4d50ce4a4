import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import vm from "node:vm";

const SCRIPT = readFileSync(new URL("./viewer.js", import.meta.url), "utf8");
const PLACE = /^const SETTINGS = .*;$/gm;

// As CloudFront does: the text alone, which defines `handler`.
function loaded(settings) {
  const text = settings ? SCRIPT.replace(PLACE, () => `const SETTINGS = ${JSON.stringify(settings)};`) : SCRIPT;
  return vm.runInNewContext(`${text}\nhandler`);
}

const RULES = { "static.example.com": { "/": "public, max-age=60", "/_next/": "public, max-age=31536000, immutable" } };
const handler = loaded({ cookies: ["session"], tracking: ["gclid", "utm_"], rules: RULES });

function request({ headers = {}, cookies = {}, query = {}, uri = "/", host = "static.example.com" } = {}) {
  const one = (text) => ({ value: text });
  const all = (given) => Object.fromEntries(Object.entries(given).map(([name, text]) => [name, one(text)]));
  return { method: "GET", uri, querystring: all(query), cookies: all(cookies), headers: { host: one(host), ...all(headers) } };
}

function asked(given, by = handler) {
  const context = { eventType: "viewer-request", requestId: "id-1" };
  return by({ context, viewer: { ip: "203.0.113.9" }, request: request(given) });
}

function answered(given, statusCode = 200, by = handler) {
  const context = { eventType: "viewer-response", requestId: "id-1" };
  const response = { statusCode, headers: { "x-own": { value: "1" } } };
  return by({ context, viewer: { ip: "203.0.113.9" }, request: request(given), response });
}

const told = (response) => response.headers["cache-control"]?.value;

test("there is one line for settings, and the script runs as it is", () => {
  assert.equal(SCRIPT.match(PLACE).length, 1);
  assert.equal(told(answered({}, 200, loaded())), undefined);
});

describe("a request", () => {
  test("says who asks, whatever it said itself", () => {
    assert.equal(asked({}).headers["cf-connecting-ip"].value, "203.0.113.9");
    assert.equal(asked({ headers: { "cf-connecting-ip": "198.51.100.1" } }).headers["cf-connecting-ip"].value, "203.0.113.9");
  });

  test("of nobody in particular is kept for all, and cannot choose what it finds", () => {
    assert.equal(asked({ cookies: { theme: "dark" } }).headers["x-cache-by"], undefined);
    assert.equal(asked({ headers: { "x-cache-by": "id-0" } }).headers["x-cache-by"], undefined);
  });

  test("of somebody is kept under what never comes again", () => {
    assert.equal(asked({ cookies: { session: "s" } }).headers["x-cache-by"].value, "id-1");
    assert.equal(asked({ headers: { authorization: "Bearer t" } }).headers["x-cache-by"].value, "id-1");
  });

  test("is the same page in whichever order, wherever somebody came from", () => {
    const query = asked({ query: { page: "2", utm_source: "x", gclid: "1", category: "a", gclid2: "kept" } }).querystring;
    assert.deepEqual(Object.keys(query), ["category", "gclid2", "page"]);
  });
});

describe("an answer", () => {
  test("says what the longest path says", () => {
    assert.equal(told(answered({ uri: "/a.png" })), "public, max-age=60");
    assert.equal(told(answered({ uri: "/_next/app.js" })), "public, max-age=31536000, immutable");
    assert.equal(told(answered({ uri: "/a.png" }, 304)), "public, max-age=60");
  });

  test("of another name, and errors, say what the origin says", () => {
    assert.equal(told(answered({ host: "app.example.com" })), undefined);
    for (const status of [301, 403, 404, 500]) assert.equal(told(answered({ uri: "/_next/app.js" }, status)), undefined);
  });

  test("to somebody is nobody else's", () => {
    assert.equal(told(answered({ cookies: { session: "s" } })), "private, no-cache");
    assert.equal(answered({}).headers["x-own"].value, "1");
  });
});
