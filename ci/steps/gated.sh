#!/usr/bin/env bash
# One check for branch protection to ask for, whatever the number of stacks: every one that changes has passed its gate.
set -euo pipefail
: "${CHANGED:?result of the job that lists stacks}" "${GATE:?result of the gates}"
if [[ "$CHANGED" != "success" ]]; then
  echo "::error::what changes could not be told: $CHANGED"
  exit 1
fi
if [[ "${STACKS:-[]}" == "[]" ]]; then
  echo "no stack changes"
elif [[ "$GATE" == "success" ]]; then
  echo "every stack passed"
elif [[ "$GATE" == "skipped" ]]; then
  echo "::error::a fork's code gets no role: somebody who has read it pushes the branch here to have it previewed"
  exit 1
else
  echo "::error::a stack did not pass its gate: $GATE"
  exit 1
fi
