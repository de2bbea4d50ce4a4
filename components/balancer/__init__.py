"""balancer: an ALB in front of hosts."""

from components.balancer.component import Balancer, BalancerArgs, BalancerSpec

__all__ = ["Balancer", "BalancerArgs", "BalancerSpec"]
