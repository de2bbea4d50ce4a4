/**
 * Lets requests with a customer's key through to the API, within the limits of the customer's plan, and keeps the record
 * of them from which bills are made.
 *
 * Variables: PLANS, JSON of {plan: {quota}}: `quota` is requests a calendar month (UTC), or null. PREFIX, the
 * paths that need a key, `/v1/` unless said otherwise; others go through as they are. PASSAGE_KEY, a secret that the
 * origin knows too.
 * Bindings: KEYS, a KV namespace. LIMIT_<PLAN>, a rate limit of each plan. USAGE, a queue whose consumer is this worker.
 * COUNTS, a D1 database. RECORDS, an R2 bucket. SEEN, an Analytics Engine dataset, if there is one.
 *
 * In KEYS, `key:<SHA-256 of a key, hex>` is {"customer", "plan"}, written by whoever issues keys: a key itself is
 * nowhere. `over:<customer>` is the month in which the quota was used up, written here.
 *
 * To the origin go X-Api-Customer, X-Api-Plan, X-Api-Time and X-Api-Proof, an HMAC-SHA-256 by PASSAGE_KEY, in hex, of
 * "<time>\n<customer>\n<plan>\n<method>\n<path and query>": that a request came this way, and when.
 *
 * Counting is behind the request: a quota is passed by what comes in the minute until it is seen. A batch that fails
 * comes back whole: records that were written twice have the same ids, and the quota's counter has them twice.
 */

const OURS = ["x-api-customer", "x-api-plan", "x-api-time", "x-api-proof"];
const KEPT_SECONDS = 60;
const TABLE =
  "CREATE TABLE IF NOT EXISTS counts (customer TEXT, month TEXT, requests INTEGER NOT NULL, PRIMARY KEY (customer, month))";
const COUNT =
  "INSERT INTO counts (customer, month, requests) VALUES (?1, ?2, ?3) " +
  "ON CONFLICT (customer, month) DO UPDATE SET requests = requests + ?3 RETURNING requests";

export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    const headers = new Headers(request.headers);
    // Only this worker says who somebody is, on whichever path.
    OURS.forEach((name) => headers.delete(name));
    if (!url.pathname.startsWith(env.PREFIX ?? "/v1/")) {
      return fetch(new Request(request, { headers }));
    }
    const given = headers.get("x-api-key");
    const holder = given ? await holderOf(given, env) : null;
    const plan = holder ? plansOf(env)[holder.plan] : null;
    if (!plan) {
      return refused(env, 401, given ? "no such key" : "no X-Api-Key", holder, { "www-authenticate": "ApiKey" });
    }
    const now = new Date();
    const [limit, over] = await Promise.all([
      env[`LIMIT_${holder.plan.toUpperCase().replaceAll("-", "_")}`]?.limit({ key: holder.customer }),
      plan.quota === null ? null : env.KEYS.get(`over:${holder.customer}`, { cacheTtl: KEPT_SECONDS }),
    ]);
    if (limit && !limit.success) {
      return refused(env, 429, "too many requests for this plan", holder, { "retry-after": "60" });
    }
    if (over === monthOf(now)) {
      return refused(env, 429, "this month's quota is used up", holder, { "retry-after": String(untilNext(now)) });
    }
    headers.delete("x-api-key");
    const passed = await proven(headers, holder, now, request.method, url, env);
    // Kept at the edge, one customer's answer would be another's.
    const response = await fetch(new Request(request, { headers: passed, cache: "no-store" }));
    context.waitUntil(record(env, holder, now, request.method, url, response));
    return response;
  },

  async queue(batch, env) {
    const records = batch.messages.map((message) => ({ id: message.id, ...message.body }));
    // The bill's own first: what follows may be done again, as may this, by the ids in it.
    const day = new Date(records[0].at).toISOString().slice(0, 10).replaceAll("-", "/");
    const lines = records.map((each) => JSON.stringify(each)).join("\n");
    await env.RECORDS.put(`usage/${day}/${crypto.randomUUID()}.ndjson`, `${lines}\n`);
    const counts = new Map();
    for (const { customer, plan, at } of records) {
      const key = `${customer} ${monthOf(new Date(at))}`;
      counts.set(key, { plan, requests: (counts.get(key)?.requests ?? 0) + 1 });
    }
    const entries = [...counts].map(([key, value]) => [...key.split(" "), value]);
    const statement = env.COUNTS.prepare(COUNT);
    const [, ...results] = await env.COUNTS.batch([
      env.COUNTS.prepare(TABLE),
      ...entries.map(([customer, month, { requests }]) => statement.bind(customer, month, requests)),
    ]);
    const plans = plansOf(env);
    await Promise.all(
      entries.map(async ([customer, month, { plan }], index) => {
        const quota = plans[plan]?.quota ?? null;
        const name = `over:${customer}`;
        if (quota !== null && results[index].results[0].requests >= quota && (await env.KEYS.get(name)) !== month) {
          // Gone when the month is long over.
          await env.KEYS.put(name, month, { expirationTtl: 40 * 86400 });
        }
      }),
    );
  },
};

async function holderOf(key, env) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  const holder = await env.KEYS.get(`key:${hex(digest)}`, { type: "json", cacheTtl: KEPT_SECONDS });
  return holder?.customer && holder?.plan ? holder : null;
}

/** What cannot be read gives nobody a plan: no request passes uncounted. */
function plansOf(env) {
  try {
    return JSON.parse(env.PLANS);
  } catch (error) {
    console.error(JSON.stringify({ event: "plans", error: String(error) }));
    return {};
  }
}

async function proven(headers, { customer, plan }, now, method, url, env) {
  const time = String(now.getTime());
  const text = [time, customer, plan, method, url.pathname + url.search].join("\n");
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw", bytes.encode(env.PASSAGE_KEY), { name: "HMAC", hash: "SHA-256" }, false, ["sign"],
  );
  headers.set("x-api-customer", customer);
  headers.set("x-api-plan", plan);
  headers.set("x-api-time", time);
  headers.set("x-api-proof", hex(await crypto.subtle.sign("HMAC", key, bytes.encode(text))));
  return headers;
}

async function record(env, { customer, plan }, now, method, url, response) {
  seen(env, customer, plan, response.status);
  const body = { customer, plan, at: now.getTime(), method, path: url.pathname, status: response.status };
  try {
    await env.USAGE.send(body);
  } catch (error) {
    // The log is what is left of it then.
    console.error(JSON.stringify({ event: "usage", error: String(error), ...body }));
  }
}

function refused(env, status, error, holder, headers) {
  seen(env, holder?.customer ?? "", holder?.plan ?? "", status);
  return Response.json({ error }, { status, headers: { "cache-control": "no-store", ...headers } });
}

function seen(env, customer, plan, status) {
  env.SEEN?.writeDataPoint({ indexes: [customer], blobs: [plan, String(status)], doubles: [1] });
}

function monthOf(date) {
  return date.toISOString().slice(0, 7);
}

function untilNext(now) {
  return Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - now.getTime()) / 1000);
}

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
