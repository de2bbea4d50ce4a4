#!/usr/bin/env bash
# Which stacks a comparison (DIFF, from `phaseup diff --json`) changes, as lines NAME=[…] for GITHUB_OUTPUT: `stacks`,
# and one line for each environment given as an argument. Stacks that the branch deletes are left out: nothing here
# destroys one.
set -euo pipefail
: "${DIFF:?the file that phaseup diff --json wrote}"

# Names become parts of commands and paths further on: what is no plain name ends it here.
stacks="$(jq -nce 'input | [.stacks[] | select(.phase.after != "") | {stack, environment}]
  | if all(.[]; (.stack | test("\\A[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\\z")) and (.environment | test("\\A[a-z0-9][a-z0-9-]{0,39}\\z")))
    then . else error("a stack with a name that no file has") end' "$DIFF")"
printf 'stacks=%s\n' "$(jq -c '[.[].stack]' <<<"$stacks")"
for environment in "$@"; do
  printf '%s=%s\n' "$environment" "$(jq -c --arg of "$environment" '[.[] | select(.environment == $of) | .stack]' <<<"$stacks")"
done
