#!/usr/bin/env bash
# The genuine preview of STACK into PREVIEW. That it fails is for the gate to say: it reads the errors in it.
set -euo pipefail
: "${STACK:?a stack}" "${PREVIEW:?the file to write}"
PATH="$PWD/.venv/bin:$PATH"
export PULUMI_SKIP_UPDATE_CHECK=true PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true

umask 077
code=0
pulumi preview --stack "$STACK" --json --non-interactive >"$PREVIEW" || code=$?
echo "pulumi preview: exit code $code"
