#!/usr/bin/env bash
# Installs the Debian packages that Cheval builds and runs with, if they are
# missing. Says what it does; touches nothing when all are there.
set -euo pipefail

packages=(
	g++ pkg-config libopencv-dev                       # camera: OpenCV 4.6 through GoCV
	libgl1-mesa-dev libgl1-mesa-dri xorg-dev libxkbcommon-dev # windows: Fyne and Ebitengine
	libasound2-dev                                     # Ebitengine's audio backend links it
	fonts-noto-cjk                                     # Chinese text
	ca-certificates xvfb xauth                         # a display where there is none
	ffmpeg                                             # tests make their clips with it
	espeak-ng                                          # speech, and the sounds of words for other voices
)
command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || packages+=(python3 python3-pip)
command -v npm >/dev/null || packages+=(npm)

missing=()
for p in "${packages[@]}"; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
	echo "set-up: this machine has no apt-get; install the equivalents of: ${missing[*]}" >&2
	exit 1
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "set-up: not root and no sudo; ask an administrator for: apt-get install ${missing[*]}" >&2; exit 1; }
	sudo=sudo
fi
echo "set-up: installing ${#missing[@]} Debian packages: ${missing[*]}" >&2
$sudo dpkg --configure -a # an interrupted set-up goes on here
$sudo apt-get update
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
