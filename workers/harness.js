/**
 * Runs one worker in workerd, with an origin that is this process: nothing leaves the machine.
 */

import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { Miniflare, Response } from "miniflare";

export { Response };

/**
 * A worker under test, started before the file's tests and stopped after them. `seen` lists what reached the origin,
 * `origin` is what answers: replace it in a test. `fetch` asks the worker; `kept` is what its cache has for a URL; `env`
 * are its bindings.
 */
export function worker(name, options = {}) {
  const under = { seen: [], origin: () => new Response("ok"), fetch: null, kept: null, env: null };
  let miniflare;
  before(async () => {
    miniflare = new Miniflare({
      modules: true,
      script: readFileSync(new URL(`./${name}/worker.js`, import.meta.url), "utf8"),
      compatibilityDate: "2026-04-01",
      cf: false,
      outboundService: async (request) => {
        under.seen.push(request);
        return under.origin(request);
      },
      ...options,
    });
    await miniflare.ready;
    under.env = await miniflare.getBindings();
    under.kept = async (url) => (await miniflare.getCaches()).default.match(url);
    under.fetch = (url, init) => miniflare.dispatchFetch(url, { redirect: "manual", ...init });
  });
  after(() => miniflare.dispose());
  return under;
}

/** A URL of its own for each test, so that no test meets what another one cached. */
export function fresh(path) {
  fresh.count = (fresh.count ?? 0) + 1;
  return `https://api.example.com${path}${path.includes("?") ? "&" : "?"}test=${fresh.count}`;
}
