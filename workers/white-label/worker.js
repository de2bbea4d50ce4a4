/**
 * Answers customers' own names (custom hostnames of the zone) from the product's own host, which alone is what balancers
 * and certificates behind it know. Whose shop it is goes along, proven; how it looks is the application's.
 *
 * Variables: HOST, the product's host, e.g. shop.example.com. PASSAGE_KEY, a secret that the origin knows too.
 *
 * To the origin go X-Forwarded-Host, the name that was asked for, X-Host-Time and X-Host-Proof, an HMAC-SHA-256 by
 * PASSAGE_KEY, in hex, of "<time>\n<name>". Who asks the product's host directly cannot make one. Redirects and cookies
 * that name the product's host come back with the customer's.
 */

const OURS = ["x-forwarded-host", "x-host-time", "x-host-proof"];

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const shown = url.hostname;
    const headers = new Headers(request.headers);
    OURS.forEach((name) => headers.delete(name));
    if (shown === env.HOST) {
      return fetch(new Request(request, { headers }));
    }
    const time = String(Date.now());
    headers.set("x-forwarded-host", shown);
    headers.set("x-host-time", time);
    headers.set("x-host-proof", await proof(`${time}\n${shown}`, env));
    url.hostname = env.HOST;
    // Kept at the edge under the product's host, one customer's page would be another's.
    const response = await fetch(new Request(url, new Request(request, { headers, cache: "no-store" })));
    return named(response, env.HOST, shown);
  },
};

async function proof(text, env) {
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw", bytes.encode(env.PASSAGE_KEY), { name: "HMAC", hash: "SHA-256" }, false, ["sign"],
  );
  const signed = await crypto.subtle.sign("HMAC", key, bytes.encode(text));
  return [...new Uint8Array(signed)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The answer as the customer's name gives it. */
function named(response, host, shown) {
  const made = new Response(response.body, response);
  const location = response.headers.get("location");
  if (location) {
    const target = URL.canParse(location) ? new URL(location) : null;
    if (target?.hostname === host) {
      target.hostname = shown;
      made.headers.set("location", target.href);
    }
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length) {
    made.headers.delete("set-cookie");
    // Without a domain a cookie is the name's that set it.
    cookies.forEach((cookie) => made.headers.append("set-cookie", cookie.replace(/;\s*domain=[^;]*/i, "")));
  }
  return made;
}
