// Package scale measures the operator with a thousand maps and more, on a real API
// server and etcd. There is no cluster below them: the pods are played by a fake
// kubelet (kubelet_test.go), their map servers by one HTTP server that answers on
// all addresses of 127.0.0.0/8 (servers_test.go). The operator is the real program,
// as a process of its own, so that its memory, CPU and calls are its own. It runs
// with the build tag scale, by make scale; docs/scale.md tells what it measured.
package scale
