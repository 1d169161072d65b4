#!/usr/bin/env bash
# Opens Cheval. Where there is no display, the real app runs its demo under
# Xvfb instead and leaves pictures of every screen and a clip in out/.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	exec build/cheval
fi
echo "run: there is no display here, so Cheval runs its demo on a virtual one and takes pictures into out/" >&2
mkdir -p out
exec scripts/xvfb.sh build/cheval --shots out
