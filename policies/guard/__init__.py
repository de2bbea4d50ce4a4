"""A CrossGuard pack: rules on data, network, identity, Kubernetes, Cloudflare, scale and cost."""
