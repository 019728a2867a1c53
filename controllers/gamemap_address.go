package controllers

import (
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// address is where players connect. Without a host, missing says what is lacking.
type address struct {
	host    string
	port    int32
	missing string
}

func (a address) String() string { return net.JoinHostPort(a.host, strconv.Itoa(int(a.port))) }

// address finds out where players connect: the host that the spec names, that of
// the load balancer, or that of the node.
func (f *mapFacts) address() address {
	a := f.exposedPort()
	if a.port == 0 {
		return address{missing: a.missing}
	}
	a.host, a.missing = f.exposedHost()
	return a
}

func (f *mapFacts) exposedPort() address {
	if f.m.Spec.Exposure.Type == v1alpha1.ExposeHostPort {
		return address{port: *f.m.Spec.Exposure.Port}
	}
	if f.service == nil || len(f.service.Spec.Ports) == 0 {
		return address{missing: "the Service is not there yet"}
	}
	port := f.service.Spec.Ports[0]
	if f.service.Spec.Type == corev1.ServiceTypeNodePort {
		return address{port: port.NodePort, missing: "the Service has no port on the nodes yet"}
	}
	return address{port: port.Port}
}

func (f *mapFacts) exposedHost() (host, missing string) {
	if f.m.Spec.Exposure.PublicHost != "" {
		return f.m.Spec.Exposure.PublicHost, ""
	}
	switch f.m.Spec.Exposure.Type {
	case v1alpha1.ExposeLoadBalancer:
		for _, in := range f.service.Status.LoadBalancer.Ingress {
			if host := cmpOr(in.IP, in.Hostname); host != "" {
				return host, ""
			}
		}
		return "", "the load balancer has no address yet: see kubectl describe service " + f.service.Name
	case v1alpha1.ExposeClusterIP:
		return f.service.Name + "." + f.service.Namespace + ".svc", ""
	default:
		return nodeHost(f.node)
	}
}

// nodeHost is the address of a node as seen from outside.
func nodeHost(node *corev1.Node) (host, missing string) {
	if node == nil {
		return "", "the pod has no node yet"
	}
	for _, kind := range []corev1.NodeAddressType{corev1.NodeExternalIP, corev1.NodeExternalDNS, corev1.NodeInternalIP} {
		for _, a := range node.Status.Addresses {
			if a.Type == kind {
				return a.Address, ""
			}
		}
	}
	return "", "the node " + node.Name + " tells no address: name one in spec.exposure.publicHost"
}
