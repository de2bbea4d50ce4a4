#!/usr/bin/env bash
# Before a commit: what the working tree does to the stacks, compared with the last commit. Blocked and bad input stop
# the commit; what needs an approval does not, for that is asked in the pull request.
set -euo pipefail
PATH="$PWD/.venv/bin:$PATH"
code=0
phaseup diff HEAD || code=$?
REVIEWED=true exec "$(dirname "${BASH_SOURCE[0]}")/verdict.sh" "$code"
