#!/usr/bin/env bash
# Runs every fuzz target of the module on COUNT inputs: hack/fuzz.sh [COUNT].
# A count and not a time: when its time is over, go test at times fails a target that is fine with
# "context deadline exceeded".
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-2000}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for package in $(grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' . | xargs -n1 dirname | sort -u); do
  for target in $(grep -ohE '^func Fuzz[A-Za-z0-9_]+' "$package"/*_test.go | sed 's/^func //' | sort -u); do
    echo "fuzz $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${count}x" -fuzzminimizetime 10x "$package" >"$log" 2>&1 || { cat "$log"; exit 1; }
  done
done
