#!/usr/bin/env bash
# The commit that an apply starts from, as a line base=… for GITHUB_OUTPUT: GIVEN by a person; else the one that the last
# run that ended well applied (a run that waits may be dropped for a newer one, and its commits must not be forgotten);
# else what was there BEFORE the push; else the commit before this one.
set -euo pipefail

last=""
if [[ -z "${GIVEN:-}" && -n "${GH_TOKEN:-}" ]]; then
  last="$(gh api "repos/$REPOSITORY/actions/workflows/apply.yml/runs?branch=$BRANCH&status=success&per_page=1" \
    --jq '.workflow_runs[0].head_sha // ""')"
fi
for base in "${GIVEN:-}" "$last" "${BEFORE:-}" HEAD^; do
  [[ -z "$base" || "$base" =~ ^0+$ ]] && continue
  if [[ "$base" != -* ]] && found="$(git rev-parse --verify --quiet "$base^{commit}")"; then
    printf 'base=%s\n' "$found"
    exit 0
  fi
  if [[ -n "${GIVEN:-}" ]]; then
    echo "::error::no such commit as the one given" >&2
    exit 2
  fi
done
echo "::error::no commit to compare with" >&2
exit 2
