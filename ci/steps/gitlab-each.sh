#!/usr/bin/env bash
# Runs preview.sh and gate.sh, and with `apply` apply.sh, for each stack that DIFF changes; with an environment's name as
# the second argument only for that environment's. The first that does not pass stops it.
set -euo pipefail
: "${DIFF:?the file that phaseup diff --json wrote}"
steps="$(dirname "${BASH_SOURCE[0]}")"
what="${1:?gate or apply}"
line="$("$steps/changed.sh" ${2:+"$2"} | grep "^${2:-stacks}=")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
jq -r '.[]' <<<"${line#*=}" >"$work/stacks"
while read -r STACK; do
  export STACK PREVIEW="$work/$STACK.json"
  echo "== $STACK"
  "$steps/preview.sh" </dev/null
  "$steps/gate.sh" </dev/null
  if [[ "$what" == "apply" ]]; then
    "$steps/apply.sh" </dev/null
  fi
done <"$work/stacks"
