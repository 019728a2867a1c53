#!/usr/bin/env bash
# Builds the browser game into web/demo/dist/site, if it is older than its
# sources. Without Node it says so and does nothing: the programs work without.
set -euo pipefail
cd "$(dirname "$0")/../web"
if ! command -v npm >/dev/null 2>&1; then
  echo 'no Node here: the programs get a plain page instead of the browser game (install Node 20 or later for it)'
  exit 0
fi
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
built=demo/dist/site/index.html
if [ ! -f "$built" ] || [ -n "$(find client/src demo/src demo/index.html demo/*.ts demo/*.mjs demo/package.json ../examples/meadow/tiles.png package-lock.json -newer "$built" -print -quit)" ]; then
  npm run build --workspace demo --silent
fi
