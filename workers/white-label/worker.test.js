import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { beforeEach, describe, test } from "node:test";
import { Response, worker } from "../harness.js";

const SECRET = "s".repeat(64);
const HOST = "shop.example.com";
const edge = worker("white-label", { bindings: { HOST, PASSAGE_KEY: SECRET } });

beforeEach(() => {
  edge.seen.length = 0;
  edge.origin = () => new Response("page");
});

describe("towards the origin", () => {
  test("the product's host is asked, and learns whose name it was, with a proof", async () => {
    const response = await edge.fetch("https://buy.acme.org/cart?x=1", {
      method: "POST", body: "item=1", headers: { "x-host-proof": "forged", cookie: "a=b" },
    });
    assert.equal(await response.text(), "page");
    const [request] = edge.seen;
    assert.equal(request.url, `https://${HOST}/cart?x=1`);
    assert.deepEqual([request.method, await request.text(), request.headers.get("cookie")], ["POST", "item=1", "a=b"]);
    assert.equal(request.headers.get("x-forwarded-host"), "buy.acme.org");
    const time = request.headers.get("x-host-time");
    assert.ok(Math.abs(Date.now() - Number(time)) < 60_000);
    const proof = createHmac("sha256", SECRET).update(`${time}\nbuy.acme.org`).digest("hex");
    assert.equal(request.headers.get("x-host-proof"), proof);
  });

  test("the product's own host says of itself nothing that only this worker may", async () => {
    await edge.fetch(`https://${HOST}/`, {
      headers: { "x-forwarded-host": "buy.acme.org", "x-host-proof": "forged", "x-host-time": "0" },
    });
    const [request] = edge.seen;
    assert.equal(request.url, `https://${HOST}/`);
    for (const name of ["x-forwarded-host", "x-host-proof", "x-host-time"]) {
      assert.equal(request.headers.get(name), null, name);
    }
  });
});

describe("back to the visitor", () => {
  test("a redirect stays with the customer's name, one to elsewhere goes there", async () => {
    for (const [location, expected] of [
      [`https://${HOST}/paid?order=1`, "https://buy.acme.org/paid?order=1"],
      ["/relative", "/relative"],
      ["https://pay.example.net/x", "https://pay.example.net/x"],
    ]) {
      edge.origin = () => new Response(null, { status: 302, headers: { location } });
      const response = await edge.fetch("https://buy.acme.org/pay");
      assert.deepEqual([response.status, response.headers.get("location")], [302, expected]);
    }
  });

  test("cookies become the customer's name's, and keep all else", async () => {
    edge.origin = () => {
      const headers = new Headers();
      headers.append("set-cookie", "sid=1; Domain=.example.com; Path=/; HttpOnly; SameSite=Lax");
      headers.append("set-cookie", "lang=es; Path=/");
      return new Response("page", { headers });
    };
    const response = await edge.fetch("https://buy.acme.org/");
    assert.deepEqual(response.headers.getSetCookie(), ["sid=1; Path=/; HttpOnly; SameSite=Lax", "lang=es; Path=/"]);
  });

  test("two names are two answers: nothing is kept under the product's host", async () => {
    let count = 0;
    edge.origin = () => new Response(`page ${++count}`, { headers: { "cache-control": "public, max-age=3600" } });
    const pages = [];
    for (const name of ["buy.acme.org", "shop.globex.net"]) {
      pages.push(await (await edge.fetch(`https://${name}/`)).text());
    }
    assert.deepEqual(pages, ["page 1", "page 2"]);
    assert.equal(await edge.kept(`https://${HOST}/`), undefined);
  });
});
