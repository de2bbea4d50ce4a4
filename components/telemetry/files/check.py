# One synthetic check: asks once, as a user would, and fails where the answer is wrong or late.
#
# CloudWatch Synthetics calls `handler`; an exception makes the run a failed one. What to ask is in the environment.

import http.client
import os
import ssl
import time
from urllib.parse import urlsplit

READ_AT_MOST = 4 * 1024 * 1024


class WrongAnswerError(Exception):
    pass


def ask(url, method, timeout):
    # No redirect is followed: an answer that only points elsewhere is not the one that was asked for.
    parts = urlsplit(url)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=timeout, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
    started = time.monotonic()
    try:
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        connection.request(method, path, headers={"User-Agent": "phaseup-check", "Cache-Control": "no-cache"})
        answer = connection.getresponse()
        body = answer.read(READ_AT_MOST)
        return answer.status, body, round((time.monotonic() - started) * 1000)
    finally:
        connection.close()


def check(url, method, status, contains, latency):
    # A slow answer is waited for a little longer than it may take, so that the failure says how slow it was.
    found, body, took = ask(url, method, 2 * latency / 1000 + 5)
    if found != status:
        raise WrongAnswerError(f"{method} {url}: status {found}, not {status}")
    if contains and contains.encode() not in body:
        raise WrongAnswerError(f"{method} {url}: the answer does not hold {contains!r}")
    if took > latency:
        raise WrongAnswerError(f"{method} {url}: took {took} ms, more than {latency}")
    return took


def handler(_event, _context):
    given = os.environ
    took = check(
        given["CHECK_URL"],
        given["CHECK_METHOD"],
        int(given["CHECK_STATUS"]),
        given.get("CHECK_CONTAINS", ""),
        int(given["CHECK_LATENCY_MS"]),
    )
    return f"{took} ms"
