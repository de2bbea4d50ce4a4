#!/usr/bin/env bash
# Posts the comment that a run on a pull request left behind, or puts it in the place of the one before.
#
# The run was that of the pull request's own code, maybe from a fork: what it left is data of a stranger. Two files of a
# fixed name are read from it, as much as a comment may hold; the number must be that of an open pull request whose head
# is the commit that GitHub says was run. Nothing of it is executed, sourced or unpacked.
set -euo pipefail
: "${GH_TOKEN:?}" "${REPOSITORY:?owner/name}" "${RUN_ID:?the run}" "${HEAD_SHA:?its commit}"
readonly MARKER='<!-- phaseup:diff -->' AUTHOR='github-actions[bot]'
readonly MOST_ZIPPED=1000000 MOST_BYTES=200000 MOST_CHARACTERS=65000

stop() {
  echo "::warning::no comment: $1"
  exit 0
}

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
read -r id size < <(gh api "repos/$REPOSITORY/actions/runs/$RUN_ID/artifacts?name=phaseup-comment&per_page=1" \
  --jq '.artifacts[0] // {} | "\(.id // 0) \(.size_in_bytes // 0)"')
[[ "$id" =~ ^[1-9][0-9]*$ ]] || stop "the run left none"
((size <= MOST_ZIPPED)) || stop "what the run left is too large: $size bytes"
gh api "repos/$REPOSITORY/actions/artifacts/$id/zip" >"$work/artifact.zip"

# A file of one kind of name may unpack to anything: no more is read than a comment may hold.
unzip -p "$work/artifact.zip" number 2>/dev/null | head -c 12 >"$work/number" || true
unzip -p "$work/artifact.zip" comment.md 2>/dev/null | head -c "$((MOST_BYTES + 1))" >"$work/comment.md" || true
number="$(tr '\0' '?' <"$work/number")"
[[ "$number" =~ ^[1-9][0-9]{0,9}$ ]] || stop "the run does not say for which pull request"
(("$(wc -c <"$work/comment.md")" <= MOST_BYTES)) || stop "the comment is too long"
iconv -f UTF-8 -t UTF-8 "$work/comment.md" >/dev/null 2>&1 || stop "the comment is no UTF-8"
(("$(LC_ALL=C.UTF-8 wc -m <"$work/comment.md")" <= MOST_CHARACTERS)) || stop "the comment is too long"
grep -qF "$MARKER" "$work/comment.md" || stop "the comment is none of phaseup's"

head="$(gh api "repos/$REPOSITORY/pulls/$number" --jq '"\(.state) \(.head.sha)"')" || stop "no such pull request"
[[ "$head" == "open $HEAD_SHA" ]] || stop "the run was for another commit than the pull request's head"

printf '\n\n<sub>Made by the code of this pull request at %s: it tells, it approves nothing.</sub>\n' \
  "${HEAD_SHA:0:12}" >>"$work/comment.md"
jq -Rs '{body: .}' "$work/comment.md" >"$work/body.json"
former="$(gh api --paginate "repos/$REPOSITORY/issues/$number/comments?per_page=100" \
  --jq ".[] | select(.user.login == \"$AUTHOR\" and (.body | contains(\"$MARKER\"))) | .id" | head -n 1)"
if [[ -n "$former" ]]; then
  gh api --method PATCH "repos/$REPOSITORY/issues/comments/$former" --input "$work/body.json" --silent
  echo "comment $former is up to date"
else
  gh api --method POST "repos/$REPOSITORY/issues/$number/comments" --input "$work/body.json" --silent
  echo "commented on #$number"
fi
