#!/usr/bin/env bash
# The note on a merge request: put in the place of the one before. Runs only in the project itself, where its token is.
set -euo pipefail
: "${OUT:?}" "${CI_API_V4_URL:?}" "${CI_PROJECT_ID:?}" "${CI_MERGE_REQUEST_IID:?}"
if [[ -z "${PHASEUP_NOTE_TOKEN:-}" ]]; then
  echo "no note: PHASEUP_NOTE_TOKEN is not set (it never is for a fork)"
  exit 0
fi
notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# The token goes by a file: on a command line every process of the machine could read it.
umask 077
printf 'header = "PRIVATE-TOKEN: %s"\n' "$PHASEUP_NOTE_TOKEN" >"$work/curl"
ask() { curl --config "$work/curl" --silent --show-error --fail "$@"; }

jq -Rs '{body: .}' "$OUT/comment.md" >"$work/body.json"
former="$(ask "$notes?per_page=100&order_by=created_at&sort=asc" |
  jq -r '[.[] | select(.system | not) | select(.body | contains("<!-- phaseup:diff -->")) | .id][0] // empty')"
if [[ -n "$former" ]]; then
  ask --request PUT --header 'Content-Type: application/json' --data "@$work/body.json" "$notes/$former" >/dev/null
  echo "note $former is up to date"
else
  ask --request POST --header 'Content-Type: application/json' --data "@$work/body.json" "$notes" >/dev/null
  echo "noted on !$CI_MERGE_REQUEST_IID"
fi
