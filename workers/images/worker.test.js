import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Response, worker } from "../harness.js";

const images = worker("images");
const custom = worker("images", { bindings: { MAX_SIZE: "640", STEP: "1", QUALITY: "60", FIT: "cover", FORMAT: "avif", TTL: "60" } });
const IMAGE = "https://images.example.com/mercadona/4711/card.webp";

beforeEach(() => {
  for (const each of [images, custom]) {
    each.seen.length = 0;
    each.origin = () => new Response("image", { headers: { "content-type": "image/webp" } });
  }
});

async function asked(query, under = images) {
  const response = await under.fetch(IMAGE + query);
  assert.equal(response.status, 200, query);
  assert.equal(under.seen.length, 1, query);
  return under.seen.pop();
}

describe("transformed", () => {
  test("as the plan says where nothing is asked for", async () => {
    const { cf, url } = await asked("");
    assert.deepEqual(cf.image, { fit: "contain", format: "webp", quality: 80 });
    assert.equal(url, IMAGE);
    assert.equal(cf.cacheEverything, true);
    assert.deepEqual(cf.cacheTtlByStatus, { "200-299": 604800, 404: 60, "500-599": 0 });
  });

  for (const [query, image] of [
    ["?width=320", { width: 320 }],
    ["?width=1&height=2048", { width: 16, height: 2048 }],
    ["?width=300&height=200&fit=cover&quality=55", { width: 304, height: 208, fit: "cover", quality: 55 }],
    ["?fit=scale-down", { fit: "scale-down" }],
    ["?quality=1", { quality: 1 }],
    ["?quality=100&utm_source=x", { quality: 100 }],
  ]) {
    test(`by ${query}`, async () => {
      const { cf, url } = await asked(query);
      assert.deepEqual(cf.image, { fit: "contain", format: "webp", quality: 80, ...image });
      assert.equal(url, IMAGE, "the original is one, whatever is asked of it");
    });
  }

  test("is purged by supermarket and product", async () => {
    assert.deepEqual((await asked("")).cf.cacheTags, ["supermarket:mercadona", "product:4711"]);
    await images.fetch("https://images.example.com/logo.png");
    await images.fetch("https://images.example.com/a%20b/c/d.webp");
    assert.deepEqual(images.seen.map((each) => each.cf.cacheTags), [[], []]);
  });

  test("within what the block says", async () => {
    const { cf } = await asked("?width=333&height=640", custom);
    assert.deepEqual(cf.image, { fit: "cover", format: "avif", quality: 60, width: 333, height: 640 });
    assert.equal(cf.cacheTtlByStatus["200-299"], 60);
    assert.equal((await custom.fetch(`${IMAGE}?width=641`)).status, 400);
  });
});

describe("refused", () => {
  for (const query of [
    "?width=0",
    "?width=2049",
    "?width=-1",
    "?width=1.5",
    "?width=1e3",
    "?width=",
    "?width=0x10",
    "?width=123456",
    "?width=%20100",
    "?width=100&width=200",
    "?height=auto",
    "?quality=0",
    "?quality=101",
    "?fit=stretch",
    "?fit=",
    "?fit=cover&fit=pad",
  ]) {
    test(query, async () => {
      const response = await images.fetch(IMAGE + query);
      assert.equal(response.status, 400);
      const [, name] = /^\?(\w+)/.exec(query);
      assert.match((await response.json()).error, new RegExp(`^${name}: one `));
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.deepEqual(images.seen, []);
    });
  }

  for (const method of ["POST", "PUT", "DELETE"]) {
    test(method, async () => {
      const response = await images.fetch(IMAGE, { method });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
      assert.deepEqual(images.seen, []);
    });
  }
});

describe("as it is", () => {
  test("the original that a transformation asks for", async () => {
    await images.fetch(`${IMAGE}?width=0`, { headers: { via: "2.0 image-resizing" } });
    assert.equal(images.seen[0].cf?.image, undefined);
  });

  test("what a rule of the zone transforms already", async () => {
    const url = "https://images.example.com/cdn-cgi/image/width=100/mercadona/4711/card.webp";
    await images.fetch(url);
    assert.deepEqual([images.seen[0].url, images.seen[0].cf?.image], [url, undefined]);
  });

  for (const status of [415, 500, 524]) {
    test(`an image whose transformation answers ${status}`, async () => {
      images.origin = (request) => new Response(request.cf?.image ? "failed" : "original", { status: request.cf?.image ? status : 200 });
      const response = await images.fetch(`${IMAGE}?width=100`);
      assert.deepEqual([response.status, await response.text()], [200, "original"]);
    });
  }

  for (const status of [304, 403, 404]) {
    test(`an answer of ${status} is the bucket's own`, async () => {
      images.origin = () => new Response(null, { status });
      assert.equal((await images.fetch(IMAGE)).status, status);
      assert.equal(images.seen.length, 1);
    });
  }
});
