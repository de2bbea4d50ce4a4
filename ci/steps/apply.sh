#!/usr/bin/env bash
# Applies STACK, right after its preview has passed the gate in the same job.
set -euo pipefail
: "${STACK:?a stack}"
PATH="$PWD/.venv/bin:$PATH"
export PULUMI_SKIP_UPDATE_CHECK=true

pulumi up --stack "$STACK" --yes --skip-preview --non-interactive
