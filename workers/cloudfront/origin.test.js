import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

// As it is uploaded: the script, and its rules beside it.
const folder = mkdtempSync(join(tmpdir(), "edge-"));
copyFileSync(fileURLToPath(new URL("./origin.mjs", import.meta.url)), join(folder, "index.mjs"));
const RULES = { static: { "/": "public, max-age=60", "/_next/": "public, max-age=31536000, immutable" } };
writeFileSync(join(folder, "rules.json"), JSON.stringify(RULES));
const { handler } = await import(pathToFileURL(join(folder, "index.mjs")));
after(() => rmSync(folder, { recursive: true }));

const header = (key, value) => ({ [key]: [{ key, value }] });
const event = (cf) => ({ Records: [{ cf }] });

async function answered({ uri = "/", status = "200", name = "static", kind = "s3", headers = {} } = {}) {
  const origin = { [kind]: { customHeaders: name ? header("x-asked-name", name) : {} } };
  const response = await handler(
    event({ config: { eventType: "origin-response" }, request: { uri, headers, origin }, response: { status, headers: {} } }),
  );
  return response.headers["cache-control"]?.[0];
}

async function asked(region, regions = "us-east-1=home.elb us-west-2=west.elb eu-central-1=mid.elb") {
  const customHeaders = regions ? header("x-asked-regions", regions) : {};
  process.env.AWS_REGION = region;
  const origin = { custom: { domainName: "home.elb", customHeaders } };
  const request = await handler(event({ config: { eventType: "origin-request" }, request: { uri: "/", headers: {}, origin } }));
  return request.origin.custom.domainName;
}

describe("what the cache is told", () => {
  test("is what the longest path says, of buckets and balancers", async () => {
    assert.deepEqual(await answered({}), { key: "Cache-Control", value: "public, max-age=60" });
    assert.equal((await answered({ uri: "/_next/a.js", kind: "custom" })).value, "public, max-age=31536000, immutable");
    assert.equal((await answered({ status: "304" })).value, "public, max-age=60");
  });

  test("is nothing of errors and of names without rules", async () => {
    for (const status of ["302", "404", "503"]) assert.equal(await answered({ status }), undefined);
    assert.equal(await answered({ name: "app" }), undefined);
    assert.equal(await answered({ name: "" }), undefined);
  });

  test("of somebody's own answer is to keep none", async () => {
    assert.equal((await answered({ headers: header("x-cache-by", "id-1") })).value, "private, no-cache");
  });
});

describe("which balancer is asked", () => {
  test("that of the region, else of that part of the world, else home's", async () => {
    assert.equal(await asked("us-west-2"), "west.elb");
    assert.equal(await asked("eu-west-1"), "mid.elb");
    assert.equal(await asked("us-east-2"), "home.elb");
    assert.equal(await asked("ap-southeast-1"), "home.elb");
    assert.equal(await asked(""), "home.elb");
  });

  test("is the only one where there are no others", async () => {
    assert.equal(await asked("eu-west-1", ""), "home.elb");
  });

  test("is none of a bucket's business", async () => {
    const request = { uri: "/", headers: {}, origin: { s3: { domainName: "b.s3", customHeaders: {} } } };
    assert.equal((await handler(event({ config: { eventType: "origin-request" }, request }))).origin.s3.domainName, "b.s3");
  });
});
