#!/usr/bin/env bash
# Runs every fuzz target of the module for a while: hack/fuzz.sh [TIME].
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-2s}
grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r package; do
  # One build for all targets of a package.
  binary=$(mktemp)
  go test -c -o "$binary" "$package" </dev/null
  for target in $(cd "$package" && "$binary" -test.list '^Fuzz'); do
    echo "fuzz $package $target"
    (cd "$package" && "$binary" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$time" -test.fuzzcachedir "$(go env GOCACHE)/fuzz" >/tmp/fuzz.$$ 2>&1) \
      || { cat /tmp/fuzz.$$; rm -f "$binary" /tmp/fuzz.$$; exit 1; }
  done
  rm -f "$binary" /tmp/fuzz.$$
done
