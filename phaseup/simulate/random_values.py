"""The rules of package `random`: results that look random, drawn from the URN and the inputs."""

from __future__ import annotations

import base64
from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.context import Context
from phaseup.simulate.rules import Rules
from phaseup.simulate.seed import letters

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_UPPER: Final = _LOWER.upper()
_DIGITS: Final = "0123456789"
_SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"
_FIRST: Final = [
    "able",
    "bold",
    "calm",
    "deft",
    "eager",
    "fair",
    "glad",
    "keen",
    "loyal",
    "merry",
    "neat",
    "prime",
    "quick",
    "rapid",
    "smart",
    "true",
    "vivid",
    "wise",
]
_SECOND: Final = [
    "ant",
    "bear",
    "crane",
    "deer",
    "eagle",
    "fox",
    "goat",
    "hare",
    "ibex",
    "jay",
    "koala",
    "lynx",
    "mole",
    "newt",
    "otter",
    "panda",
    "quail",
    "raven",
    "seal",
]


def _whole(context: Context, key: str, default: int = 0) -> int:
    value = context.inputs.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _text(context: Context) -> str:
    """As many characters of each class as asked for at least, the rest from all classes, in a drawn order."""
    classes = [
        ("upper", "minUpper", _UPPER),
        ("lower", "minLower", _LOWER),
        ("numeric", "minNumeric", _DIGITS),
        ("special", "minSpecial", context.text("overrideSpecial", _SPECIAL)),
    ]
    allowed = [entry for entry in classes if context.inputs.get(entry[0]) is not False]
    drawn = "".join(context.letters(_whole(context, least), least, own) for _, least, own in allowed)
    length = _whole(context, "length")
    everything = "".join(own for _, _, own in allowed) or _LOWER
    drawn += context.letters(max(length - len(drawn), 0), "rest", everything)
    order = sorted(range(len(drawn)), key=lambda index: context.hex(16, f"order {index}"))
    return "".join(drawn[index] for index in order)[:length]


def _password(context: Context) -> dict[str, Value]:
    salt = context.letters(53, "bcrypt", _LOWER + _UPPER + _DIGITS + "./")
    return {"result": _text(context), "bcryptHash": f"$2a$10${salt}", "number": True, "numeric": True}


def _string(context: Context) -> dict[str, Value]:
    return {"result": _text(context), "number": True, "numeric": True}


def _bytes(context: Context, count: int) -> bytes:
    text = "".join(context.hex(64, f"block {block}") for block in range(count // 32 + 1))
    return bytes.fromhex(text)[:count]


def _random_bytes(context: Context) -> dict[str, Value]:
    data = _bytes(context, _whole(context, "length"))
    return {"hex": data.hex(), "base64": base64.b64encode(data).decode()}


def _random_id(context: Context) -> dict[str, Value]:
    data = _bytes(context, _whole(context, "byteLength"))
    prefix = context.text("prefix")
    plain = base64.b64encode(data).decode()
    url = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return {
        "hex": prefix + data.hex(),
        "dec": prefix + str(int.from_bytes(data, "big")),
        "b64Std": prefix + plain,
        "b64Url": prefix + url,
    }


def _pet(context: Context) -> str:
    length = max(_whole(context, "length", 2), 1)
    between = context.text("separator", "-")
    words = [
        letters_of[int(context.hex(8, f"word {index}"), 16) % len(letters_of)]
        for index, letters_of in enumerate([_FIRST] * (length - 1) + [_SECOND])
    ]
    return between.join([*([context.text("prefix")] if context.text("prefix") else []), *words])


def _integer(context: Context) -> dict[str, Value]:
    low, high = _whole(context, "min"), _whole(context, "max")
    return {"result": low + int(context.hex(12, "integer"), 16) % (high - low + 1)}


def _shuffle(context: Context) -> dict[str, Value]:
    given = context.inputs.get("inputs")
    items = list(given) if isinstance(given, list) else []
    order = sorted(range(len(items)), key=lambda index: context.hex(16, f"order {index}"))
    count = _whole(context, "resultCount", len(items))
    return {"results": [items[order[index % len(order)]] for index in range(count)] if items else []}


def _result_is_id(context: Context) -> dict[str, Value]:
    return {"result": context.id}


_URL_SAFE: Final = _LOWER + _UPPER + _DIGITS + "-_"

RULES: Final = Rules(
    "random",
    autonames_by_default=False,
    records_defaults=False,
    ids={
        "random:index/randomPassword:RandomPassword": lambda _context: "none",
        "random:index/randomString:RandomString": _text,
        "random:index/randomUuid:RandomUuid": lambda context: context.uuid("uuid"),
        "random:index/randomUuid4:RandomUuid4": lambda context: context.uuid("uuid"),
        "random:index/randomUuid7:RandomUuid7": lambda context: context.uuid("uuid"),
        "random:index/randomPet:RandomPet": _pet,
        "random:index/randomId:RandomId": lambda context: _random_id(context)["b64Url"],
        "random:index/randomInteger:RandomInteger": lambda context: str(_integer(context)["result"]),
    },
    default_id=lambda context: letters(11, context.seed, "id", alphabet=_URL_SAFE),
    outputs={
        "random:index/randomPassword:RandomPassword": _password,
        "random:index/randomString:RandomString": _string,
        "random:index/randomBytes:RandomBytes": _random_bytes,
        "random:index/randomId:RandomId": _random_id,
        "random:index/randomInteger:RandomInteger": _integer,
        "random:index/randomShuffle:RandomShuffle": _shuffle,
        "random:index/randomUuid:RandomUuid": _result_is_id,
        "random:index/randomUuid4:RandomUuid4": _result_is_id,
        "random:index/randomUuid7:RandomUuid7": _result_is_id,
    },
    secrets={
        "random:index/randomPassword:RandomPassword": ("result", "bcryptHash"),
        "random:index/randomBytes:RandomBytes": ("hex", "base64"),
    },
)
