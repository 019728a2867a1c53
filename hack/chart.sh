#!/usr/bin/env bash
# Copies into the chart what it shares with config: the kinds and the operator's rights.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p charts/overworld/files/crds
rm -f charts/overworld/files/crds/*
cp config/crd/overworld.dev_*.yaml charts/overworld/files/crds/
cp config/rbac/role.yaml charts/overworld/files/role.yaml
