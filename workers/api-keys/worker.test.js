import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { beforeEach, describe, test } from "node:test";
import { Response, worker } from "../harness.js";

const SECRET = "s".repeat(64);
const PLANS = { free: { quota: 3 }, pro: { quota: null }, "pro-plus": { quota: null } };
const edge = worker("api-keys", {
  bindings: { PLANS: JSON.stringify(PLANS), PASSAGE_KEY: SECRET },
  kvNamespaces: ["KEYS"],
  d1Databases: ["COUNTS"],
  r2Buckets: ["RECORDS"],
  queueProducers: { USAGE: "usage" },
  queueConsumers: { usage: { maxBatchSize: 100, maxBatchTimeout: 0.2 } },
  ratelimits: { LIMIT_PRO: { simple: { limit: 2, period: 60 } }, LIMIT_PRO_PLUS: { simple: { limit: 1, period: 60 } } },
});
const MONTH = () => new Date().toISOString().slice(0, 7);
const hash = (key) => createHash("sha256").update(key).digest("hex");

async function issue(key, customer, plan) {
  await edge.env.KEYS.put(`key:${hash(key)}`, JSON.stringify({ customer, plan }));
}

async function ask(path, key, init = {}) {
  const headers = { ...(key ? { "x-api-key": key } : {}), ...init.headers };
  const response = await edge.fetch(`https://api.example.com${path}`, { ...init, headers });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** Every record that is in the bucket by now. */
async function records() {
  const { objects } = await edge.env.RECORDS.list();
  const texts = await Promise.all(objects.map(async ({ key }) => (await edge.env.RECORDS.get(key)).text()));
  return texts.flatMap((text) => text.trim().split("\n").map((line) => JSON.parse(line)));
}

/** Waits for what a batch brings about, which is behind the requests. */
async function until(what, done) {
  for (let attempt = 0; attempt < 400; attempt++) {
    const found = await done();
    if (found) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`never: ${what}`);
}

beforeEach(async () => {
  await issue("key of acme", "acme", "pro");
  await issue("key of umbrella", "umbrella", "pro-plus");
  await issue("key of gone", "gone", "retired-plan");
  await edge.env.KEYS.put(`key:${hash("broken")}`, "{}");
  edge.seen.length = 0;
  edge.origin = () => new Response("answer");
});

describe("who may pass", () => {
  test("without a key nobody, with one that is not known nobody, and the origin is not asked", async () => {
    for (const key of [undefined, "nobody's", "key of gone", "broken", hash("key of acme")]) {
      const answer = await ask("/v1/products", key);
      assert.deepEqual([answer.status, answer.headers.get("www-authenticate")], [401, "ApiKey"], key);
      assert.equal(answer.headers.get("cache-control"), "no-store");
    }
    assert.equal(edge.seen.length, 0);
  });

  test("paths that need no key go through, without what only this worker says", async () => {
    const forged = { "x-api-customer": "acme", "x-api-proof": "00", "x-api-plan": "pro", "x-api-time": "0", a: "b" };
    assert.equal((await ask("/health", undefined, { headers: forged })).body, "answer");
    const [request] = edge.seen;
    for (const name of ["x-api-customer", "x-api-proof", "x-api-plan", "x-api-time"]) {
      assert.equal(request.headers.get(name), null, name);
    }
    assert.equal(request.headers.get("a"), "b");
  });

  test("the origin learns who and by which plan, with a proof that only the secret makes, and not the key", async () => {
    await issue("key of prover", "prover", "free");
    const body = await ask("/v1/orders?dry=1", "key of prover", {
      method: "POST", body: "{}", headers: { "x-api-customer": "acme" },
    });
    assert.equal(body.status, 200);
    const [{ headers, method }] = edge.seen;
    assert.equal(method, "POST");
    assert.deepEqual([headers.get("x-api-customer"), headers.get("x-api-plan")], ["prover", "free"]);
    assert.equal(headers.get("x-api-key"), null);
    const time = headers.get("x-api-time");
    assert.ok(Math.abs(Date.now() - Number(time)) < 60_000);
    const text = [time, "prover", "free", "POST", "/v1/orders?dry=1"].join("\n");
    assert.equal(headers.get("x-api-proof"), createHmac("sha256", SECRET).update(text).digest("hex"));
  });
});

describe("limits", () => {
  test("each customer has its plan's rate, and is told when to come back", async () => {
    const states = [];
    for (let times = 0; times < 3; times++) {
      states.push((await ask("/v1/products", "key of acme")).status);
    }
    assert.deepEqual(states, [200, 200, 429]);
    const refused = await ask("/v1/products", "key of acme");
    assert.deepEqual([refused.headers.get("retry-after"), refused.headers.get("cache-control")], ["60", "no-store"]);
    assert.equal((await ask("/v1/products", "key of umbrella")).status, 200);
    assert.equal((await ask("/v1/products", "key of umbrella")).status, 429);
    assert.equal(edge.seen.length, 3);
  });

  test("two keys of one customer have one limit", async () => {
    await issue("one", "twokeys", "pro-plus");
    await issue("other", "twokeys", "pro-plus");
    assert.deepEqual([(await ask("/v1/a", "one")).status, (await ask("/v1/a", "other")).status], [200, 429]);
  });

  test("a month's quota ends the month, and the next one begins anew", async () => {
    await issue("key of globex", "globex", "free");
    for (let times = 0; times < 3; times++) {
      assert.equal((await ask("/v1/products", "key of globex")).status, 200);
    }
    assert.equal(await until("the quota is seen", () => edge.env.KEYS.get("over:globex")), MONTH());
    await issue("second key of globex", "globex", "free");
    const refused = await ask("/v1/products", "second key of globex");
    assert.equal(refused.status, 429);
    const seconds = Number(refused.headers.get("retry-after"));
    assert.equal(new Date(Date.now() + seconds * 1000 + 5000).getUTCDate(), 1);
    // What an earlier month used up says nothing of this one.
    await edge.env.KEYS.put("over:initech", "2020-01");
    await issue("key of initech", "initech", "free");
    assert.equal((await ask("/v1/products", "key of initech")).status, 200);
  });
});

describe("the record", () => {
  test("each request that the origin answered is there once, however it went, and refused ones are not", async () => {
    await issue("key of hooli", "hooli", "free");
    edge.origin = () => new Response("down", { status: 503 });
    assert.equal((await ask("/v1/x?secret=1", "key of hooli", { method: "DELETE" })).status, 503);
    await ask("/v1/x", "nobody's");
    const [record, ...more] = await until("hooli's record", async () => {
      const found = (await records()).filter(({ customer }) => customer === "hooli");
      return found.length ? found : null;
    });
    assert.deepEqual(more, []);
    const { id, at, ...rest } = record;
    assert.deepEqual(rest, { customer: "hooli", plan: "free", method: "DELETE", path: "/v1/x", status: 503 });
    assert.ok(id);
    assert.ok(Math.abs(Date.now() - at) < 60_000);
    const { objects } = await edge.env.RECORDS.list();
    const day = new Date(at).toISOString().slice(0, 10).replaceAll("-", "/");
    assert.ok(objects.every(({ key }) => key.startsWith(`usage/${day}/`) && key.endsWith(".ndjson")));
  });

  test("the counter counts each customer and month", async () => {
    await issue("key of stark", "stark", "free");
    await Promise.all(["/v1/a", "/v1/b"].map((path) => ask(path, "key of stark")));
    const row = await until("stark's two", async () => {
      const sql = "SELECT month, requests FROM counts WHERE customer = 'stark'";
      const { results } = await edge.env.COUNTS.prepare(sql).all().catch(() => ({ results: [] }));
      return results[0]?.requests === 2 ? results[0] : null;
    });
    assert.deepEqual(row, { month: MONTH(), requests: 2 });
  });
});
