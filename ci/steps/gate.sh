#!/usr/bin/env bash
# The verdict on PREVIEW of STACK: what it does, and whether it is what the rehearsal in DIFF said it would be.
set -euo pipefail
: "${STACK:?a stack}" "${PREVIEW:?the preview}" "${DIFF:?the file that phaseup diff --json wrote}"
PATH="$PWD/.venv/bin:$PATH"

code=0
phaseup gate "$PREVIEW" --plan "$DIFF" || code=$?
exec "$(dirname "${BASH_SOURCE[0]}")/verdict.sh" "$code"
