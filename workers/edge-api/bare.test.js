import assert from "node:assert/strict";
import { test } from "node:test";
import { Response, worker } from "../harness.js";

const edge = worker("edge-api", { bindings: { RULES: "not JSON", BYPASS_COOKIE: "session_token" } });

test("rules that cannot be read leave everything to the origin", async () => {
  let count = 0;
  edge.origin = () => new Response(`answer ${++count}`);
  for (const expected of ["answer 1", "answer 2"]) {
    assert.equal(await (await edge.fetch("https://api.example.com/v1/products/1")).text(), expected);
  }
});

test("nothing is told of the cache, and no limit is no error", async () => {
  const response = await edge.fetch("https://api.example.com/v1/products/1", { headers: { "x-api-key": "k" } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-edge-cache"), null);
});
