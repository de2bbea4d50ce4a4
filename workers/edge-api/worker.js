/**
 * Keeps the API's public answers at the edge for seconds: below what a zone's cache rules may on most plans, and with
 * tags by which a catalogue update purges them.
 *
 * Variables: RULES, JSON of [{path, ttl, stale}], where `path` is a prefix, `ttl` and `stale` are seconds, and the first
 * rule that fits a request counts. BYPASS_COOKIE, a cookie whose bearer is somebody. KEY_HEADER, where clients put their
 * API key. DEBUG "on" says in X-Edge-Cache what happened. Bindings: LIMIT, a rate limit for each API key.
 *
 * Nothing is kept that could be somebody's: no request with credentials is answered from the cache, and no answer is
 * kept that sets a cookie, calls itself private or varies by more than its encoding.
 */

const STORED = "x-edge-stored";
const FRESH = "x-edge-fresh";
const BROWSER = "x-edge-browser";
const INTERNAL = [STORED, FRESH, BROWSER, "cache-tag", "cf-cache-status", "age"];
const NEVER = /(?:^|,)\s*(?:private|no-store|no-cache)\b/i;
const TAG = /^[\x21-\x2b\x2d-\x7e]{1,200}$/;

/** Keys that this isolate is fetching anew: one refresh at a time is enough. */
const refreshing = new Set();

export default {
  async fetch(request, env, context) {
    // Whatever goes wrong here, the origin still answers.
    context.passThroughOnException();
    const apiKey = env.KEY_HEADER ? request.headers.get(env.KEY_HEADER) : null;
    if (apiKey && env.LIMIT && !(await env.LIMIT.limit({ key: apiKey })).success) {
      return tooMany();
    }
    const rule = ruleFor(request, env);
    if (!rule || apiKey || isSomebody(request, env)) {
      return fetch(request);
    }
    const key = cacheKey(request.url);
    const kept = await caches.default.match(key);
    if (!kept) {
      return answer(request, env, await renew(request, rule, key, context), "MISS");
    }
    const age = (Date.now() - Number(kept.headers.get(STORED))) / 1000;
    if (age <= Number(kept.headers.get(FRESH))) {
      return answer(request, env, kept, "HIT");
    }
    if (!refreshing.has(key.url)) {
      refreshing.add(key.url);
      context.waitUntil(renewQuietly(request, rule, key, context));
    }
    return answer(request, env, kept, "STALE");
  },
};

/** The rule for a request that could be kept at all; null leaves it to the origin. */
function ruleFor(request, env) {
  if (!["GET", "HEAD"].includes(request.method) || request.headers.has("upgrade")) {
    return null;
  }
  const { pathname } = new URL(request.url);
  return rulesOf(env).find((rule) => pathname.startsWith(rule.path)) ?? null;
}

function rulesOf(env) {
  try {
    return JSON.parse(env.RULES ?? "[]");
  } catch (error) {
    console.error(JSON.stringify({ event: "rules", error: String(error) }));
    return [];
  }
}

function isSomebody(request, env) {
  if (request.headers.has("authorization")) {
    return true;
  }
  const cookies = (request.headers.get("cookie") ?? "").split(";");
  return Boolean(env.BYPASS_COOKIE) && cookies.some((cookie) => cookie.trim().startsWith(`${env.BYPASS_COOKIE}=`));
}

/** One key for one answer: the order of a query's parameters means nothing. */
function cacheKey(url) {
  const normal = new URL(url);
  normal.searchParams.sort();
  normal.hash = "";
  return new Request(normal, { method: "GET" });
}

/** Asks the origin as nobody in particular, and keeps the answer where it may be kept. */
async function renew(request, rule, key, context) {
  const headers = new Headers(request.headers);
  for (const name of ["cookie", "range", "if-none-match", "if-modified-since"]) {
    headers.delete(name);
  }
  const response = await fetch(new Request(request.url, { method: "GET", headers, redirect: "manual" }));
  const fresh = freshFor(response, rule);
  if (fresh === null) {
    return response;
  }
  // What comes out of the zone's own cache is as old as it says.
  const stored = Date.now() - secondsOf(response.headers.get("age")) * 1000;
  const left = Math.floor(fresh + (rule.stale ?? 0) - (Date.now() - stored) / 1000);
  if (left <= 0) {
    return response;
  }
  const copy = new Response(response.clone().body, response);
  copy.headers.set(BROWSER, response.headers.get("cache-control") ?? "");
  copy.headers.set("cache-control", `s-maxage=${left}`);
  copy.headers.set(STORED, String(stored));
  copy.headers.set(FRESH, String(fresh));
  copy.headers.set("cache-tag", tagsOf(new URL(request.url), response).join(","));
  copy.headers.delete("age");
  context.waitUntil(caches.default.put(key, copy));
  return response;
}

async function renewQuietly(request, rule, key, context) {
  try {
    const response = await renew(request, rule, key, context);
    await response.body?.cancel();
  } catch (error) {
    // The kept answer goes on being served until its time is up.
    console.warn(JSON.stringify({ event: "refresh", url: key.url, error: String(error) }));
  } finally {
    refreshing.delete(key.url);
  }
}

/** Seconds for which an answer is fresh: the rule's, or fewer if the origin says so; null: it is not kept. */
function freshFor(response, rule) {
  const control = response.headers.get("cache-control") ?? "";
  const varies = (response.headers.get("vary") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name && name !== "accept-encoding");
  if (response.status !== 200 || response.headers.has("set-cookie") || NEVER.test(control) || varies.length) {
    return null;
  }
  const shared = /s-maxage=(\d+)/i.exec(control) ?? /max-age=(\d+)/i.exec(control);
  const fresh = shared ? Math.min(rule.ttl, Number(shared[1])) : rule.ttl;
  return fresh > 0 ? fresh : null;
}

/** What an answer is purged by: the origin's own tags, the supermarket asked for, the product named in the path. */
function tagsOf(url, response) {
  const own = (response.headers.get("cache-tag") ?? "").split(",").map((tag) => tag.trim());
  const product = /^\/v\d+\/products\/([^/]+)\/?/.exec(url.pathname)?.[1];
  const supermarket = url.searchParams.get("supermarket");
  const made = [product && `product:${product}`, supermarket && `supermarket:${supermarket}`];
  return [...new Set([...own, ...made])].filter((tag) => tag && TAG.test(tag));
}

function answer(request, env, response, state) {
  const headers = new Headers(response.headers);
  const browser = headers.get(BROWSER);
  if (browser !== null) {
    headers.set("cache-control", browser || "no-cache");
  }
  for (const name of INTERNAL) {
    headers.delete(name);
  }
  if (env.DEBUG === "on") {
    headers.set("x-edge-cache", state);
  }
  const etag = headers.get("etag");
  if (etag && response.status === 200 && matches(request.headers.get("if-none-match"), etag)) {
    headers.delete("content-length");
    return new Response(null, { status: 304, headers });
  }
  const body = request.method === "HEAD" ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

/** RFC 9110 section 13.1.2: weak comparison, and `*` is any. */
function matches(asked, etag) {
  const bare = (tag) => tag.trim().replace(/^W\//, "");
  return (asked ?? "").split(",").some((tag) => tag.trim() === "*" || (tag.trim() && bare(tag) === bare(etag)));
}

function secondsOf(text) {
  return /^\d+$/.test(text ?? "") ? Number(text) : 0;
}

function tooMany() {
  return Response.json(
    { error: "too many requests for this key" },
    { status: 429, headers: { "cache-control": "no-store", "retry-after": "60" } },
  );
}
