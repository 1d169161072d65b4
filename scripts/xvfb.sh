#!/usr/bin/env bash
# Runs a command on a virtual display of its own, large enough for a portrait
# kiosk and a landscape desk, or on the display that is there.
set -euo pipefail
[ "${CHEVAL_DISPLAY:-virtual}" = real ] && exec "$@"
exec xvfb-run --auto-servernum --server-args='-screen 0 1920x1920x24 +extension GLX +render -noreset' "$@"
