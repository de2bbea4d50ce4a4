// A CloudFront Function (cloudfront-js-2.0), at viewer request and viewer response of every name. The stack writes its
// settings into the next line: cookies that make a request somebody's, and what is kept by host and path.
const SETTINGS = { cookies: [], tracking: ["fbclid", "gclid", "msclkid", "utm_"], rules: {} };

const CLIENT = "cf-connecting-ip"; // Under the name by which origins know a client behind Cloudflare.
const CACHE_BY = "x-cache-by"; // Part of what an answer is kept under.
const NOBODY_ELSE_S = "private, no-cache";

// eslint-disable-next-line no-unused-vars -- CloudFront calls it by its name
function handler(event) {
  return event.context.eventType === "viewer-response" ? answered(event) : asked(event);
}

function asked(event) {
  const request = event.request;
  request.headers[CLIENT] = { value: event.viewer.ip };
  // Whoever asks does not choose what is found. Somebody's own request is kept under a name that never comes again.
  delete request.headers[CACHE_BY];
  if (personal(request)) request.headers[CACHE_BY] = { value: event.context.requestId };
  request.querystring = sorted(request.querystring);
  return request;
}

function answered(event) {
  const response = event.response;
  const kept = rule(event.request);
  // Errors say nothing: a browser would keep them as long.
  if (kept === undefined || !(response.statusCode < 300 || response.statusCode === 304)) return response;
  response.headers["cache-control"] = { value: personal(event.request) ? NOBODY_ELSE_S : kept };
  return response;
}

function personal(request) {
  const cookies = request.cookies || {};
  return request.headers.authorization !== undefined || SETTINGS.cookies.some((name) => cookies[name] !== undefined);
}

// One order, and without what only says where somebody came from: the same page is then kept once.
function sorted(query) {
  const out = {};
  Object.keys(query)
    .filter((name) => !SETTINGS.tracking.some((each) => (each.endsWith("_") ? name.startsWith(each) : name === each)))
    .sort()
    .forEach((name) => {
      out[name] = query[name];
    });
  return out;
}

// What the longest path says that fits.
function rule(request) {
  const host = request.headers.host ? request.headers.host.value : "";
  const paths = SETTINGS.rules[host] || {};
  const fits = Object.keys(paths).filter((path) => request.uri.startsWith(path));
  return fits.length ? paths[fits.reduce((one, other) => (other.length > one.length ? other : one))] : undefined;
}
