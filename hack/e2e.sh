#!/usr/bin/env bash
# Tests the whole product on a real Kubernetes: the cluster that KUBECONFIG names, which must have the
# images or be able to pull them, or else one of our own that is started and stopped.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${KUBECONFIG:-}" ]; then
  trap 'hack/cluster/cluster down --wipe' EXIT
  hack/cluster/cluster up --fresh
  hack/cluster/cluster load-image bin/images/*.tar
  KUBECONFIG=$(hack/cluster/cluster kubeconfig)
  # The host, as pods see it: the database of the test listens there.
  OVERWORLD_E2E_HOST=${HOST_IP:-172.31.255.1}
  # The same map server by another name, for maps to change to.
  OVERWORLD_E2E_NEXT_IMAGE=docker.io/overworld/mapserver:next
  hack/cluster/cluster tag docker.io/overworld/mapserver:dev "$OVERWORLD_E2E_NEXT_IMAGE"
  export KUBECONFIG OVERWORLD_E2E_HOST OVERWORLD_E2E_NEXT_IMAGE
fi
go test -count 1 -timeout 20m -tags cluster -v ./test/cluster
