#!/usr/bin/env bash
# The tool and the program's own packages, exactly as pinned.
set -euo pipefail
make --no-print-directory setup
