// Package cluster tests the whole product on a real Kubernetes: installed by Helm,
// used with kubectl, played through NodePorts from outside the pod network. It runs
// with the build tag cluster, by hack/e2e.sh.
package cluster
