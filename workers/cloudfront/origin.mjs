// Lambda@Edge, at origin request and origin response: it knows no variables, so what it must know lies beside it
// (rules.json) and in the headers that the distribution adds for its origin.
import { readFileSync } from "node:fs";

const NAME = "x-asked-name"; // Which of the stack's names is asked for.
const REGIONS = "x-asked-regions"; // `us-east-1=<balancer> eu-central-1=<balancer>`, home first.
const CACHE_BY = "x-cache-by"; // Somebody's own request carries it.

let rules;

export async function handler(event) {
  const { config, request, response } = event.Records[0].cf;
  return config.eventType === "origin-response" ? stamped(request, response) : nearest(request);
}

// What CloudFront's own cache is told, of stale answers too, which no policy of it says.
function stamped(request, response) {
  const status = Number(response.status);
  if (!(status < 300 || status === 304)) return response;
  rules ??= JSON.parse(readFileSync(new URL("./rules.json", import.meta.url), "utf8"));
  const paths = rules[added(request, NAME)] ?? {};
  const fits = Object.keys(paths).filter((path) => request.uri.startsWith(path));
  if (fits.length === 0) return response;
  const longest = fits.reduce((one, other) => (other.length > one.length ? other : one));
  const value = request.headers[CACHE_BY] ? "private, no-cache" : paths[longest];
  response.headers["cache-control"] = [{ key: "Cache-Control", value }];
  return response;
}

// The balancer of the region in which this runs, else of one of that part of the world, else the home's.
function nearest(request) {
  const custom = request.origin?.custom;
  const given = added(request, REGIONS);
  if (!custom || !given) return request;
  const regions = given.split(" ").map((pair) => pair.split("="));
  const here = process.env.AWS_REGION ?? "";
  const part = `${here.split("-")[0]}-`;
  const found =
    regions.find(([region]) => region === here) ?? regions.find(([region]) => region.startsWith(part)) ?? regions[0];
  custom.domainName = found[1];
  return request;
}

function added(request, header) {
  const origin = request.origin?.custom ?? request.origin?.s3;
  return origin?.customHeaders?.[header]?.[0]?.value;
}
