# Settings of the cluster's scripts; the environment overrides them. A second
# cluster beside the first one needs other STATE, NAME, addresses and networks.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${STATE:=$HERE/state}"         # everything that the cluster writes
case $STATE in /*) ;; *) STATE=$PWD/$STATE ;; esac
: "${NAME:=overworld}"            # of the network namespace, the veth and the cgroups
: "${NODE:=node1}"
: "${HOST_IP:=172.31.255.1}"      # the host's end of the veth pair
: "${NODE_IP:=172.31.255.2}"      # the node, as seen from the host and from pods
: "${POD_CIDR:=10.244.0.0/24}"
: "${SERVICE_CIDR:=10.96.0.0/16}"
: "${KUBERNETES_IP:=${SERVICE_CIDR%.*}.1}"
: "${DNS_IP:=${SERVICE_CIDR%.*}.10}"
: "${PROXY_MODE:=nftables}"       # or iptables
KUBE_VERSION=$(awk '$1 == "k8s.io/kubernetes" {print $2; exit}' "$HERE/go.mod")
BIN=$STATE/bin LOG=$STATE/log PKI=$STATE/pki RUN=$STATE/run IMAGES=$STATE/images
export HERE STATE NAME NODE HOST_IP NODE_IP POD_CIDR SERVICE_CIDR KUBERNETES_IP DNS_IP PROXY_MODE KUBE_VERSION BIN LOG PKI RUN IMAGES

# node_pid prints the pid (outside) of the running cluster's first process, or nothing.
node_pid() {
	local pid start
	[ -r "$RUN/pid" ] && read -r pid start <"$RUN/pid" || return 0
	# The start time tells our process from a later one with the same pid.
	if [ -r "/proc/$pid/stat" ] && [ "$(start_time "$pid")" = "$start" ]; then echo "$pid"; fi
}
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
die() { echo "cluster: $*" >&2; exit 1; }
