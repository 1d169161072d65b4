#!/usr/bin/env bash
# usage: scripts/train.sh encoder|designer|enhancer|pairs|refiner|evaluate|test|setup [--smoke]
#
# From photos to ONNX. PHOTOS is a folder with train/CATEGORY/ and
# validation/CATEGORY/; WORK (build/training) holds masks, prepared products and
# checkpoints: what was stopped goes on there; ONNX goes to WEIGHTS
# (models/weights). With --smoke everything is small,
# on drawn garments, and the weights go to WORK/smoke/weights.
#
# pairs path-traces COUNT (600) scenes into SCENES (WORK/scenes) for the refiner,
# 3 to 7 seconds of CPU time each; refiner trains on those that are there.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-}; smoke=${2:-}
WORK=$(realpath -m "${WORK:-build/training}"); THREADS=${THREADS:-2}
export OMP_NUM_THREADS=$THREADS PYTHONPATH=$PWD/models/training
VENV=$PWD/build/training-python
say() { echo "train: $*" >&2; }

# setup installs Debian's CPU PyTorch and the locked rest.
setup() {
	local need=() p sudo=
	for p in python3-torch python3-venv; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || need+=("$p")
	done
	if [ ${#need[@]} -gt 0 ]; then
		[ "$(id -u)" -eq 0 ] || sudo=sudo
		say "installing ${need[*]}"
		$sudo apt-get update -qq
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
	fi
	if ! cmp -s models/training/requirements.txt "$VENV/requirements.txt"; then
		say "making $VENV"
		rm -rf "$VENV"
		/usr/bin/python3 -m venv --system-site-packages "$VENV"
		"$VENV/bin/pip" install -q --disable-pip-version-check --require-hashes -r models/training/requirements.txt
		cp models/training/requirements.txt "$VENV/requirements.txt"
	fi
}

py() { "$VENV/bin/python" -W ignore::UserWarning -m "cheval_training.$@"; }

# data makes masks, products and renders, or goes on with them.
data() {
	[ -n "${PHOTOS:-}" ] || { say "say with PHOTOS=DIR where the photos are (train/CATEGORY/, validation/CATEGORY/)"; exit 1; }
	local isnet="${CHEVAL_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/cheval}/models/isnet.onnx"
	[ -f "$isnet" ] || { say "the cut-out network is not installed: run make models"; exit 1; }
	py cutouts --photos "$PHOTOS" --isnet "$isnet" --cache "$WORK/cache" --threads "$THREADS"
	[ "$WORK/cache/products.json" -nt "$WORK/cache/done.txt" ] || py products --photos "$PHOTOS" --cache "$WORK/cache"
	[ -d "$WORK/renders" ] || go run ./tools/renders "$WORK/renders"
}

encoder() {
	py encoder train --cache "$WORK/cache" --renders "$renders" --out "$WORK/encoder" --threads "$THREADS" "${encoder_size[@]}"
	py export encoder --cache "$WORK/cache" --out "$WORK/encoder" --weights "$weights"
}

designer() {
	[ -f "$WORK/encoder/checkpoint.pt" ] || encoder
	local stage kl
	for stage in read style draw; do
		local -n size=${stage}_size
		py designer $stage --cache "$WORK/cache" --out "$WORK/designer" --threads "$THREADS" "${size[@]}"
	done
	for kl in "${kls[@]}"; do
		py vae --cache "$WORK/cache" --out "$WORK/designer" --kl "$kl" --threads "$THREADS" "${vae_size[@]}"
	done
	py choose --cache "$WORK/cache" --out "$WORK/designer" --encoder "$WORK/encoder" --weights "$weights"
	py export designer --cache "$WORK/cache" --out "$WORK/designer" --encoder "$WORK/encoder" --vae "$(cat "$WORK/designer/best_vae")" --baseline "$baseline" --step "$(cat "$WORK/designer/best_step")" --weights "$weights"
}

# scenes path-traces the refiner's pairs, or goes on with them.
scenes() {
	local env=$PWD/build/pairs-python
	if ! cmp -s tools/pairs/requirements.txt "$env/requirements.txt"; then
		say "making $env (anny needs PyTorch: 6 GB)"
		rm -rf "$env"
		/usr/bin/python3 -m venv "$env"
		"$env/bin/pip" install -q --disable-pip-version-check -r tools/pairs/requirements.txt
		cp tools/pairs/requirements.txt "$env/requirements.txt"
	fi
	go build -o build/tools/pairs ./tools/pairs
	"$env/bin/python" -W ignore tools/pairs/pairs.py "$SCENES" --pairs build/tools/pairs --count "${COUNT:-600}"
}

# refiner learns from the truth, then goes on against a discriminator by either
# loss, and without one; what is nearest to the held pairs' truth ships.
refiner() {
	local pairs=$WORK/pairs out=$WORK/refiner stage
	py refiner fit --cache "$pairs" --out "$out" --threads "$THREADS" "${fit_size[@]}"
	py refiner plain --cache "$pairs" --out "$out" --threads "$THREADS" "${judge_size[@]}"
	for stage in ns hinge; do
		py refiner judge --loss $stage --cache "$pairs" --out "$out" --threads "$THREADS" "${judge_size[@]}"
	done
	for stage in fit plain judge-ns judge-hinge; do
		py refined export --out "$out" --stage $stage --weights "$out" --name ${stage#judge-}.onnx
	done
	mkdir -p "$weights"
	py refined choose --out "$out" --cache "$pairs" --scenes "$SCENES" --weights "$weights"
	measure_refiner
}

# measure_refiner gives the card's figures again, where the pairs are there.
measure_refiner() {
	local out=$WORK/refiner others=()
	[ -d "$WORK/pairs" ] || { say "no pairs in $WORK/pairs: the refiner is not measured (scripts/train.sh pairs, then make train-refiner)"; return; }
	[ ! -f "$out/hinge.onnx" ] || others=(--plain l1_only="$out/plain.onnx" --plain judged="$out/hinge.onnx")
	py refined evaluate --cache "$WORK/pairs" --out "$out" --scenes "$SCENES" "${others[@]}" --weights "$weights" --docs "$refined"
}

# enhancer needs the photos alone: neither masks nor products.
enhancer() {
	py enhancer train --cache "$WORK/enhancer-cache" --out "$WORK/enhancer" --threads "$THREADS" "${enhancer_size[@]}"
	py enhancer export --out "$WORK/enhancer" --weights "$weights"
}

weights=${WEIGHTS:-models/weights}; baseline=models/training/baseline.onnx; renders=$WORK/renders
SCENES=${SCENES:-$WORK/scenes}; refined=docs/refiner
encoder_size=(); read_size=(); style_size=(); draw_size=(); vae_size=(); kls=(0.003 0.01 0.03)
fit_size=(); judge_size=()
enhancer_size=()
setup
if [ "$smoke" = --smoke ]; then
	rm -rf "$WORK/smoke"
	WORK=$WORK/smoke renders=
	weights=$WORK/weights baseline=$WORK/baseline.onnx
	encoder_size=(--steps 4 --batch 16); vae_size=(--steps 2 --batch 4); kls=(0.01)
	read_size=(--steps 3 --batch 4); style_size=(--steps 5 --batch 16); draw_size=(--steps 2 --batch 4)
	fit_size=(--steps 12 --batch 4 --measure-every 6); judge_size=(--steps 4 --batch 4 --measure-every 2)
	enhancer_size=(--steps 8 --batch 8)
	mkdir -p "$weights"
	SCENES= refined=$WORK/docs
	case $what in
	refiner) py pairs synth "$WORK/pairs" ;;
	encoder | designer | evaluate) py synth "$WORK/cache" ;;
	esac
fi
case $what in
setup) ;;
encoder) [ -n "$smoke" ] || data; encoder ;;
designer) [ -n "$smoke" ] || data; designer ;;
pairs) scenes ;;
refiner) [ -n "$smoke" ] || py pairs pack "$SCENES" "$WORK/pairs"; refiner ;;
enhancer)
	if [ -n "$smoke" ]; then
		py enhancer smoke --cache "$WORK/enhancer-cache"
	else
		[ -n "${PHOTOS:-}" ] || { say "say with PHOTOS=DIR where the photos are (train/CATEGORY/, validation/CATEGORY/)"; exit 1; }
		py enhancer data --photos "$PHOTOS" --cache "$WORK/enhancer-cache"
	fi
	enhancer ;;
evaluate)
	[ -n "$smoke" ] || data
	py evaluate --weights "$weights" --baseline "$baseline" --cache "$WORK/cache" --renders "$renders" --cheval build/cheval --work "$WORK/designs" --docs docs/designs
	measure_refiner
	py goldens --weights "$weights" --go .
	[ -n "$smoke" ] || py enhancer_card --photos "$PHOTOS" --weights "$weights" --cheval build/cheval --work "$WORK/enhanced"
	py enhancer goldens --weights "$weights" --go . ;;
test) "$VENV/bin/python" -W ignore -m unittest -q cheval_training.tests ;;
*) say "say what: encoder, designer, enhancer, pairs, refiner, evaluate, test or setup"; exit 2 ;;
esac
