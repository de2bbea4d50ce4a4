#!/usr/bin/env bash
# An exit code of phaseup as that of a job: 0 passes; 3, needs approval, passes where REVIEWED says that people approve.
set -euo pipefail
code="${1:?an exit code of phaseup}"
case "$code" in
  0) echo "safe" ;;
  1)
    echo "::error::blocked: see the comment or the log"
    exit 1
    ;;
  2)
    echo "::error::bad input: see the log"
    exit 2
    ;;
  3)
    if [[ "${REVIEWED:-false}" == "true" ]]; then
      echo "::warning::needs an approval"
    else
      echo "::error::needs an approval, and nobody is asked for one here"
      exit 3
    fi
    ;;
  *)
    echo "::error::phaseup stopped with exit code $code"
    exit 1
    ;;
esac
