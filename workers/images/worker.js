/**
 * Transforms images on their way out: `?width=300&height=200&fit=contain&quality=80`, each of them optional.
 *
 * Variables, all optional: FORMAT (webp), FIT (contain), QUALITY (80), MAX_SIZE (2048 pixels), STEP (16: sizes are rounded
 * up to multiples of it, which bounds how many variants strangers can have made), TTL (604800 seconds at the edge).
 */

const FITS = ["scale-down", "contain", "cover", "crop", "pad"];
const ORIGINAL = /image-resizing/;
/** What a transformation that failed answers, where the original is better than nothing. */
const FAILED = (status) => status === 415 || status >= 500;

export default {
  async fetch(request, env, context) {
    // Whatever goes wrong here, the bucket still answers with the original.
    context.passThroughOnException();
    const url = new URL(request.url);
    // A transformation's own request for its original, and one that a rule of the zone has begun already.
    if (ORIGINAL.test(request.headers.get("via") ?? "") || url.pathname.startsWith("/cdn-cgi/")) {
      return fetch(request);
    }
    if (!["GET", "HEAD"].includes(request.method)) {
      return refused(405, "only GET and HEAD", { allow: "GET, HEAD" });
    }
    const { image, wrong } = optionsOf(url.searchParams, env);
    if (wrong) {
      return refused(400, wrong);
    }
    const original = new Request(`${url.origin}${url.pathname}`, request);
    const ttl = numberOf(env.TTL, 604800);
    const cf = {
      image,
      cacheEverything: true,
      cacheTtlByStatus: { "200-299": ttl, 404: 60, "500-599": 0 },
      cacheTags: tagsOf(url.pathname),
    };
    const response = await fetch(original, { cf });
    if (!FAILED(response.status)) {
      return response;
    }
    console.warn(JSON.stringify({ event: "transform", url: original.url, status: response.status }));
    await response.body?.cancel();
    return fetch(original);
  },
};

/** `image` as Cloudflare takes it, or what is `wrong` with the request. */
function optionsOf(asked, env) {
  const most = numberOf(env.MAX_SIZE, 2048);
  const step = numberOf(env.STEP, 16);
  const image = { fit: env.FIT ?? "contain", format: env.FORMAT ?? "webp", quality: numberOf(env.QUALITY, 80) };
  for (const [name, low, high] of [
    ["width", 1, most],
    ["height", 1, most],
    ["quality", 1, 100],
  ]) {
    const given = asked.getAll(name);
    if (given.length === 0) {
      continue;
    }
    const value = given.length === 1 && /^[0-9]{1,5}$/.test(given[0]) ? Number(given[0]) : NaN;
    if (!(value >= low && value <= high)) {
      return { wrong: `${name}: one whole number from ${low} to ${high}` };
    }
    image[name] = name === "quality" ? value : Math.min(most, Math.ceil(value / step) * step);
  }
  const fits = asked.getAll("fit");
  if (fits.length > 1 || (fits.length === 1 && !FITS.includes(fits[0]))) {
    return { wrong: `fit: one of ${FITS.join(", ")}` };
  }
  if (fits.length === 1) {
    image.fit = fits[0];
  }
  return { image };
}

/** `/<supermarket>/<product>/<size>.webp` is purged by both. */
function tagsOf(path) {
  const [supermarket, product, size] = path.split("/").filter(Boolean);
  return size && [supermarket, product].every((name) => /^[A-Za-z0-9_.-]{1,100}$/.test(name))
    ? [`supermarket:${supermarket}`, `product:${product}`]
    : [];
}

function numberOf(text, otherwise) {
  return /^[0-9]+$/.test(text ?? "") ? Number(text) : otherwise;
}

function refused(status, error, headers = {}) {
  return Response.json({ error }, { status, headers: { "cache-control": "no-store", ...headers } });
}
