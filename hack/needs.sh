#!/usr/bin/env bash
# Installs what the tests need beside Go and Node: a C compiler, for the race
# detector, Chromium, for the browser game, and PostgreSQL. Does nothing where they
# are there.
set -euo pipefail

missing=()
if ! command -v "${CC:-gcc}" >/dev/null 2>&1 && ! command -v clang >/dev/null 2>&1; then
  missing+=(gcc libc6-dev)
fi
if [ -z "${CHROME:-}" ] && ! command -v chromium >/dev/null 2>&1 && ! command -v chromium-browser >/dev/null 2>&1 && ! command -v google-chrome >/dev/null 2>&1; then
  missing+=(chromium)
fi
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1; then
  missing+=(postgresql)
fi
if ! command -v npm >/dev/null 2>&1; then
  echo 'the tests of the browser game need Node 20 or later: install it from nodejs.org or with your package manager' >&2
  exit 1
fi
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing ${missing[*]}, which the tests need"
  export DEBIAN_FRONTEND=noninteractive
  # The tests start servers of their own: the package is not to start one.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}" >/dev/null
  exit 0
fi
echo "the tests need: ${missing[*]} (on Debian: sudo apt-get install ${missing[*]}; another Chrome: name it in the variable CHROME)" >&2
exit 1
