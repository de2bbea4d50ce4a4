#!/usr/bin/env bash
# What the checkout does, compared with BASE_SHA: OUT gets comment.md, number, diff.json, page.html and exit-code.
# Needs no secret and no network. Ends well whatever the verdict is; verdict.sh speaks it once everything is kept.
set -euo pipefail
: "${BASE_SHA:?the commit to compare with}" "${OUT:?the folder for what is found}"
PATH="$PWD/.venv/bin:$PATH"
mkdir -p "$OUT"

code=0
phaseup diff "$BASE_SHA" --markdown "$OUT/comment.md" --html "$OUT/page.html" --json >"$OUT/diff.json" || code=$?
if [[ ! -s "$OUT/comment.md" ]]; then
  printf '<!-- phaseup:diff -->\n\n**phaseup could not compare this branch.** The log of the run says why.\n' >"$OUT/comment.md"
fi
printf '%s\n' "${PR_NUMBER:-}" >"$OUT/number"
printf '%s\n' "$code" >"$OUT/exit-code"
