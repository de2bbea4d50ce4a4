#!/usr/bin/env bash
# GitLab's identity token where the AWS SDKs look for it; they take AWS_ROLE_ARN with it by themselves.
set -euo pipefail
: "${AWS_ID_TOKEN:?}" "${AWS_WEB_IDENTITY_TOKEN_FILE:?}" "${AWS_ROLE_ARN:?}"
umask 077
printf '%s' "$AWS_ID_TOKEN" >"$AWS_WEB_IDENTITY_TOKEN_FILE"
