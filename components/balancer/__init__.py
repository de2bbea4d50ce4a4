"""balancer: an ALB in front of hosts."""

from components.balancer.component import NAME_LIMIT, Balancer, BalancerArgs, BalancerSpec, target_group_name

__all__ = ["NAME_LIMIT", "Balancer", "BalancerArgs", "BalancerSpec", "target_group_name"]
