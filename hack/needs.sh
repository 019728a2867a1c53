#!/usr/bin/env bash
# Installs what the tests need beside Go: a C compiler, for the race detector.
# Does nothing where it is there already.
set -euo pipefail
if command -v "${CC:-gcc}" >/dev/null 2>&1 || command -v clang >/dev/null 2>&1; then
  exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo 'installing gcc, which the race detector needs'
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null
  exit 0
fi
echo 'the race detector needs a C compiler: install gcc or clang (on Debian: sudo apt-get install gcc libc6-dev)' >&2
exit 1
