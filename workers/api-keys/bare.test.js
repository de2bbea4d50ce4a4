import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { worker } from "../harness.js";

const edge = worker("api-keys", {
  bindings: { PLANS: "not JSON", PASSAGE_KEY: "x", PREFIX: "/partner/" },
  kvNamespaces: ["KEYS"],
});

test("plans that cannot be read let nobody in", async () => {
  const name = createHash("sha256").update("k").digest("hex");
  await edge.env.KEYS.put(`key:${name}`, JSON.stringify({ customer: "acme", plan: "pro" }));
  const response = await edge.fetch("https://api.example.com/partner/x", { headers: { "x-api-key": "k" } });
  assert.equal(response.status, 401);
  assert.equal(edge.seen.length, 0);
});

test("other paths are nobody's business", async () => {
  assert.equal((await edge.fetch("https://api.example.com/v1/x")).status, 200);
});
