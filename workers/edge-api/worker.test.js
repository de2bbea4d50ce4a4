import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { fresh, Response, worker } from "../harness.js";

const RULES = [
  { path: "/v1/products/", ttl: 300, stale: 600 },
  { path: "/v1/", ttl: 60, stale: 60 },
];
const edge = worker("edge-api", {
  bindings: { RULES: JSON.stringify(RULES), BYPASS_COOKIE: "session_token", KEY_HEADER: "X-Api-Key", DEBUG: "on" },
  ratelimits: { LIMIT: { simple: { limit: 2, period: 60 } } },
});
const PRODUCT = "/v1/products/42";

let count = 0;
const numbered = (headers = {}, status = 200) => () => new Response(`answer ${++count}`, { status, headers });

async function ask(url, init) {
  const response = await edge.fetch(url, init);
  return { status: response.status, body: await response.text(), headers: response.headers, state: response.headers.get("x-edge-cache") };
}

/** Asks until the worker, which writes to its cache after it has answered, says what is expected. */
async function until(state, url, init) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const got = await ask(url, init);
    if (got.state === state) {
      return got;
    }
  }
  throw new Error(`never ${state}: ${url}`);
}

beforeEach(() => {
  edge.seen.length = 0;
  edge.origin = numbered();
});

describe("kept", () => {
  test("the second answer comes from the edge", async () => {
    const url = fresh(PRODUCT);
    assert.equal((await ask(url)).state, "MISS");
    const hit = await until("HIT", url);
    const reached = edge.seen.length;
    assert.equal((await ask(url)).body, hit.body);
    assert.equal(edge.seen.length, reached);
  });

  test("the order of parameters means nothing, their values do", async () => {
    const url = fresh("/v1/products?b=2&a=1");
    await ask(url);
    const hit = await until("HIT", url);
    const turned = new URL(url);
    turned.searchParams.delete("b");
    turned.searchParams.append("b", "2");
    assert.equal((await ask(turned.href)).body, hit.body);
    turned.searchParams.set("b", "3");
    assert.equal((await ask(turned.href)).state, "MISS");
  });

  test("what a browser may keep is what the origin says; nothing of ours is told", async () => {
    edge.origin = numbered({ "cache-control": "public, max-age=30, s-maxage=300", "cache-tag": "a,b" });
    const url = fresh(PRODUCT);
    await ask(url);
    const { headers } = await until("HIT", url);
    assert.equal(headers.get("cache-control"), "public, max-age=30, s-maxage=300");
    for (const name of ["x-edge-stored", "x-edge-fresh", "x-edge-browser", "cache-tag", "cf-cache-status", "age"]) {
      assert.equal(headers.get(name), null, name);
    }
  });

  test("without a word of the origin's, browsers ask again", async () => {
    const url = fresh(PRODUCT);
    await ask(url);
    assert.equal((await until("HIT", url)).headers.get("cache-control"), "no-cache");
  });

  test("what is kept has the tags that purge it", async () => {
    for (const [path, own, tags] of [
      [PRODUCT, null, "product:42"],
      ["/v1/products?supermarket=lidl", null, "supermarket:lidl"],
      ["/v1/products/42/prices?supermarket=lidl", "prices, product:42", "prices,product:42,supermarket:lidl"],
      ["/v1/categories?supermarket=a%20b", "all", "all"],
    ]) {
      edge.origin = numbered(own ? { "cache-tag": own } : {});
      const url = fresh(path);
      await ask(url);
      await until("HIT", url);
      const sorted = new URL(url);
      sorted.searchParams.sort();
      assert.equal((await edge.kept(sorted.href)).headers.get("cache-tag"), tags, path);
    }
  });

  test("HEAD is answered from what GET kept, without a body", async () => {
    const url = fresh(PRODUCT);
    await ask(url);
    await until("HIT", url);
    const head = await ask(url, { method: "HEAD" });
    assert.deepEqual([head.state, head.status, head.body], ["HIT", 200, ""]);
  });

  test("an answer that the client has is 304", async () => {
    edge.origin = numbered({ etag: '"v1"' });
    const url = fresh(PRODUCT);
    await ask(url);
    await until("HIT", url);
    for (const tag of ['"v1"', 'W/"v1"', '"v0", "v1"', "*"]) {
      assert.equal((await ask(url, { headers: { "if-none-match": tag } })).status, 304, tag);
    }
    assert.equal((await ask(url, { headers: { "if-none-match": '"v0"' } })).status, 200);
  });

  test("the origin is asked as nobody", async () => {
    await ask(fresh(PRODUCT), { headers: { cookie: "theme=dark", range: "bytes=0-1", "accept-language": "es" } });
    const [request] = edge.seen;
    assert.deepEqual([request.headers.get("cookie"), request.headers.get("range")], [null, null]);
    assert.equal(request.headers.get("accept-language"), "es");
  });
});

describe("time", () => {
  test("a product that is 200 s old is fresh, another answer of that age is stale", async () => {
    edge.origin = numbered({ age: "200" });
    const product = fresh(PRODUCT);
    await ask(product);
    assert.equal((await until("HIT", product)).state, "HIT");
    edge.origin = numbered({ age: "100" });
    const other = fresh("/v1/categories");
    await ask(other);
    assert.equal((await until("STALE", other)).state, "STALE");
  });

  test("the origin may ask for less, and not for more", async () => {
    edge.origin = numbered({ age: "20", "cache-control": "s-maxage=10" });
    const less = fresh(PRODUCT);
    await ask(less);
    await until("STALE", less);
    edge.origin = numbered({ age: "310", "cache-control": "s-maxage=86400" });
    const more = fresh(PRODUCT);
    await ask(more);
    await until("STALE", more);
  });

  test("a stale answer is served at once, and renewed behind it", async () => {
    edge.origin = numbered({ age: "400" });
    const url = fresh(PRODUCT);
    await ask(url);
    const stale = await until("STALE", url);
    edge.origin = () => new Response("renewed");
    assert.match(stale.body, /^answer/);
    assert.equal((await until("HIT", url)).body, "renewed");
  });

  test("however many ask, one renews it", async () => {
    edge.origin = numbered({ age: "400" });
    const url = fresh(PRODUCT);
    await ask(url);
    await until("STALE", url);
    edge.seen.length = 0;
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    edge.origin = async () => (await held, new Response("renewed"));
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(url)));
    assert.deepEqual(new Set(answers.map((each) => each.state)), new Set(["STALE"]));
    release();
    assert.equal((await until("HIT", url)).body, "renewed");
    // One may have been under way from before.
    assert.ok(edge.seen.length <= 2, String(edge.seen.length));
  });

  test("a stale answer outlives an origin that fails", async () => {
    edge.origin = numbered({ age: "400" });
    const url = fresh(PRODUCT);
    await ask(url);
    const stale = await until("STALE", url);
    edge.origin = () => new Response("down", { status: 503 });
    const again = await ask(url);
    assert.deepEqual([again.status, again.state], [200, "STALE"]);
    assert.match(again.body, /^answer/);
    assert.match(stale.body, /^answer/);
  });

  test("what is older than both times is not kept", async () => {
    edge.origin = numbered({ age: "900" });
    const url = fresh(PRODUCT);
    for (let times = 0; times < 5; times++) {
      assert.equal((await ask(url)).state, "MISS");
    }
    assert.equal(edge.seen.length, 5);
  });
});

describe("never kept", () => {
  for (const [what, headers, status] of [
    ["an answer that sets a cookie", { "set-cookie": "a=b" }],
    ["a private answer", { "cache-control": "private, max-age=60" }],
    ["an answer not to be stored", { "cache-control": "max-age=60, no-store" }],
    ["an answer to be asked for again", { "cache-control": "no-cache" }],
    ["an answer with no time left", { "cache-control": "s-maxage=0" }],
    ["an answer that varies by who asks", { vary: "Accept-Encoding, Origin" }],
    ["an answer that varies by everything", { vary: "*" }],
    ["an error", {}, 500],
    ["a missing page", {}, 404],
    ["a redirect", { location: "/elsewhere" }, 302],
  ]) {
    test(what, async () => {
      edge.origin = numbered(headers, status);
      const url = fresh(PRODUCT);
      for (let times = 0; times < 4; times++) {
        const got = await ask(url);
        assert.deepEqual([got.state, got.status], ["MISS", status ?? 200]);
      }
      assert.equal(edge.seen.length, 4);
    });
  }

  test("an answer that varies by its encoding alone is kept", async () => {
    edge.origin = numbered({ vary: "accept-encoding" });
    const url = fresh(PRODUCT);
    await ask(url);
    await until("HIT", url);
  });
});

describe("left to the origin", () => {
  for (const [what, path, init] of [
    ["a session", PRODUCT, { headers: { cookie: "a=1; session_token=x" } }],
    ["a bearer", PRODUCT, { headers: { authorization: "Bearer x" } }],
    ["a write", PRODUCT, { method: "POST", body: "{}" }],
    ["a path without a rule", "/health", {}],
  ]) {
    test(what, async () => {
      const url = fresh(path);
      await ask(url);
      if (path === PRODUCT) {
        await until("HIT", url);
      }
      edge.seen.length = 0;
      const first = await ask(url, init);
      const second = await ask(url, init);
      assert.deepEqual([first.state, second.state], [null, null]);
      assert.notEqual(first.body, second.body);
      assert.equal(edge.seen.length, 2);
    });
  }

  test("a session meets nothing that was kept, and leaves nothing", async () => {
    const url = fresh(PRODUCT);
    await ask(url);
    const kept = await until("HIT", url);
    const own = await ask(url, { headers: { cookie: "session_token=x" } });
    assert.notEqual(own.body, kept.body);
    assert.equal((await ask(url)).body, kept.body);
    assert.equal(edge.seen.at(-1).headers.get("cookie"), "session_token=x");
  });

  test("a cookie of a like name is nobody's", async () => {
    const url = fresh(PRODUCT);
    await ask(url);
    await until("HIT", url, { headers: { cookie: "my_session_token=x" } });
  });
});

describe("limits", () => {
  test("each key has its own, and is told when to come back", async () => {
    const states = [];
    for (let times = 0; times < 3; times++) {
      states.push((await ask(fresh(PRODUCT), { headers: { "x-api-key": "first" } })).status);
    }
    assert.deepEqual(states, [200, 200, 429]);
    const refused = await ask(fresh(PRODUCT), { headers: { "x-api-key": "first" } });
    assert.equal(refused.headers.get("retry-after"), "60");
    assert.equal(refused.headers.get("cache-control"), "no-store");
    assert.equal((await ask(fresh(PRODUCT), { headers: { "x-api-key": "second" } })).status, 200);
    assert.equal((await ask(fresh(PRODUCT))).status, 200);
  });

  test("an answer to a key is nobody else's", async () => {
    const url = fresh(PRODUCT);
    await ask(url, { headers: { "x-api-key": "third" } });
    assert.equal((await ask(url)).state, "MISS");
  });
});
