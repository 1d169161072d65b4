#!/usr/bin/env bash
# Fuzzes every parser of foreign bytes, each for FUZZTIME (default 60s).
set -euo pipefail
cd "$(dirname "$0")/.."

grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' . | while read -r file; do
	grep -oE '^func Fuzz[A-Za-z0-9]+' "$file" | awk '{print $2}' | while read -r target; do
		echo "fuzz: $target in $(dirname "$file")"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-60s}" -fuzzminimizetime 10x "$(dirname "$file")"
	done
done
