"""Where a role is that a cache or a search domain fills, as each place of the stack sees it.

One name is for writers, everywhere: what is at home, which other regions reach through the peering. Beside home there
is a second name for readers, of what follows there, and until something does it is home's too. The login is the same
everywhere, and read in the region's own copy.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.cache import Cache, CacheSpec
from components.search import Search
from components.secret_copies import arn_in, managed_key
from components.service.endpoint import Consumer, EndpointArgs, Login, Reader
from components.site import Site
from stacks.compose.context import Context
from stacks.compose.places import Place

LOGIN = {"USER": "username", "PASSWORD": "password"}
"""Variable → key, as our cache and search components write their secrets."""
Variables = dict[str, pulumi.Input[str]]


def of_cache(context: Context, block: str, site: Site, place: Place, consumers: Mapping[str, Consumer]) -> EndpointArgs:
    """`HOST` is what a client of the block's mode asks: the primary's name, or in cluster mode the configuration
    endpoint, said by `CLUSTER`. From mode compatible on `CLUSTER_HOST` is there for those that can already shard."""
    home, here = context.caches[block], context.caches.get(place.called(block))
    spec = context.effective.blocks[block].spec
    assert isinstance(spec, CacheSpec)
    env: Variables = {"PORT": str(home.port), "TLS": "true"}
    if spec.cluster != "disabled":
        env |= {"CLUSTER": "true" if home.clustered else "false", "CLUSTER_HOST": home.cluster_address}
    return _endpoint(context, home, here, site, place, env, consumers)


def of_search(
    context: Context, block: str, site: Site, place: Place, consumers: Mapping[str, Consumer]
) -> EndpointArgs:
    """A follower is read only: `HOST` takes writes, `READ_HOST` answers nearby."""
    home, here = context.searches[block], context.searches.get(place.called(block))
    return _endpoint(context, home, here, site, place, {"PORT": str(home.port)}, consumers)


def _endpoint(
    context: Context,
    home: Cache | Search,
    here: Cache | Search | None,
    site: Site,
    place: Place,
    env: Variables,
    consumers: Mapping[str, Consumer],
) -> EndpointArgs:
    assert place.names is not None
    readers: dict[str, Reader] = {}
    login = Login(home.secret_arn, home.key.arn, LOGIN)
    if not place.home:
        near = here or home
        readers = {"home": Reader(home.reader_address, 0 if here else 1)}
        readers |= {"here": Reader(here.reader_address, 1)} if here else {}
        env = {**env, "READ_TLS_NAME": near.reader_address}
        account = context.network.account_id
        login = Login(arn_in(home.secret_arn, place.region), managed_key(place.region, account), LOGIN)
    return EndpointArgs(
        site=site,
        zone_id=place.names.zone_id,
        zone_name=place.names.domain,
        host=home.address,
        readers=readers,
        env=env,
        login=login,
        consumers=consumers,
    )
