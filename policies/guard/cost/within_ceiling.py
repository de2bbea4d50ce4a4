"""A stack's month stays under its phase's ceiling, by the estimate of `phaseup cost`.

The estimate is phaseup's: where a team has copied the pack alone, or gives it no ceiling, the rule does not apply.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import number, plain, table, text
from ..resource import Resource
from ..rule import NotApplicableError, Rule, managed
from ..stack import Stack


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Asked about the Stack itself."""
    ceiling = number(resource.config.get("ceiling"))
    if ceiling is None:
        raise NotApplicableError("the pack's config gives no ceiling")
    try:
        from phaseup.graph.resource import State
        from phaseup.graph.values import UNKNOWN
        from phaseup.price.assumptions import Assumptions
        from phaseup.price.estimate import estimate
        from phaseup.simulate.invent import told
    except ImportError:
        raise NotApplicableError("phaseup, which estimates costs, is not installed here") from None
    states = []
    for each in stack.resources:
        props = told(each.name, plain(each.props, UNKNOWN))
        links = {key: list(urns) for key, urns in each.depends_on.items()}
        states.append(
            State(
                each.urn,
                each.type,
                managed(each.type),
                inputs=props,
                outputs=props,
                parent=each.parent,
                property_dependencies=links,
            )
        )
    given = resource.config
    assumed = Assumptions(
        table(given.get("usage")), table(given.get("purchase")), text(given.get("home")) or "us-east-1"
    )
    total = estimate(states, assumed).total
    if total > ceiling:
        yield f"estimate: found {total:,.0f} USD a month; allowed: at most {ceiling:,.0f}"


RULE = Rule(
    name="cost-within-ceiling",
    severity="medium",
    description="A stack's estimated month stays under the ceiling of its phase.",
    remedy="See `phaseup cost STACK`; take back what grew, or raise `budget.ceiling` of the phase in its blueprint.",
    types=("pulumi:pulumi:Stack",),
    check=check,
    config={
        "ceiling": {"type": "number", "description": "US dollars a month."},
        "home": {"type": "string", "description": "The region of what names none."},
        "usage": {"type": "object", "description": "What each block uses in a month."},
        "purchase": {"type": "object", "description": "Shares of each block bought by commitment."},
    },
    needs_stack=True,
)
