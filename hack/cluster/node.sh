#!/usr/bin/env bash
# The node's first process (PID 1 of its namespaces); cluster starts it. It lays
# out the mounts, starts the components, and leaves when one of them does -
# whereupon the kernel ends everything else in the PID namespace.
set -euo pipefail
{ # one compound command, so that bash has read it all before the file can change

# ---- mounts (all private to this namespace)
mkdir -p "$RUN/sys"
mount -t tmpfs tmpfs "$RUN/sys"
while read -r ctl dir; do
	mkdir "$RUN/sys/$ctl"
	mount --bind "$dir" "$RUN/sys/$ctl"
done <"$RUN/cgroups"
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /sys/fs/cgroup
for d in "$RUN"/sys/*; do
	mkdir "/sys/fs/cgroup/${d##*/}"
	mount --bind "$d" "/sys/fs/cgroup/${d##*/}"
	umount "$d"
done
umount "$RUN/sys"
mount --bind "$STATE/var" /var
mount -t tmpfs tmpfs /run
# The kubelet insists on these values and would write them host-wide.
while read -r key value; do
	echo "$value" >"/run/sysctl.$key"
	mount --bind "/run/sysctl.$key" "/proc/sys/${key//.//}"
done <<-'END'
	vm.overcommit_memory 1
	vm.panic_on_oom 0
	kernel.panic 10
	kernel.panic_on_oops 1
	kernel.keys.root_maxkeys 1000000
	kernel.keys.root_maxbytes 25000000
END
mount --make-rshared /
hostname "$NODE"
echo 1 >/proc/sys/net/ipv4/ip_forward

# ---- components
declare -A name
start() {
	local n=$1; shift
	"$@" >>"$LOG/$n.log" 2>&1 </dev/null &
	name[$!]=$n
}
stop() {
	local keepers= p
	trap '' TERM INT
	# Only those that own data need their time; the others may take a minute to drain.
	for p in "${!name[@]}"; do
		case ${name[$p]} in
		containerd | etcd) keepers="$keepers $p" ;;
		*) kill -KILL "$p" 2>/dev/null || true ;;
		esac
	done
	kill -TERM $keepers 2>/dev/null || true
	for _ in $(seq 50); do
		kill -0 $keepers 2>/dev/null || break # true while any is left
		sleep 0.1
	done
	exit "$1"
}
trap 'stop 0' TERM INT
ready() { # ready URL: waits until it answers 200, or a component has died
	until curl -ksf -o /dev/null --max-time 2 "$1"; do
		for p in "${!name[@]}"; do kill -0 "$p" 2>/dev/null || { echo "${name[$p]} died"; stop 1; }; done
		sleep 0.1
	done
}

start containerd containerd --config "$RUN/containerd.toml"
start etcd "$BIN/kubernetes" etcd --name "$NODE" --data-dir "$STATE/etcd" --unsafe-no-fsync \
	--listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
	--listen-peer-urls http://127.0.0.1:2380 --log-level warn
ready http://127.0.0.1:2379/health
start apiserver "$BIN/kubernetes" apiserver \
	--etcd-servers=http://127.0.0.1:2379 \
	--bind-address=0.0.0.0 --advertise-address="$NODE_IP" --secure-port=6443 \
	--service-cluster-ip-range="$SERVICE_CIDR" \
	--authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
	--client-ca-file="$PKI/ca.crt" \
	--tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
	--kubelet-client-certificate="$PKI/apiserver-kubelet-client.crt" --kubelet-client-key="$PKI/apiserver-kubelet-client.key" \
	--kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
	--service-account-issuer=https://kubernetes.default.svc.cluster.local \
	--service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" \
	--requestheader-client-ca-file="$PKI/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
	--requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
	--requestheader-extra-headers-prefix=X-Remote-Extra- \
	--proxy-client-cert-file="$PKI/front-proxy-client.crt" --proxy-client-key-file="$PKI/front-proxy-client.key" \
	--allow-privileged --profiling=false
until [ -S "$RUN/containerd.sock" ] && ctr -a "$RUN/containerd.sock" version >/dev/null 2>&1; do sleep 0.1; done
for i in "$IMAGES"/*.tar; do
	ctr -a "$RUN/containerd.sock" -n k8s.io images import "$i"
done
ready https://127.0.0.1:6443/readyz
start kubelet "$BIN/kubernetes" kubelet --config="$RUN/kubelet.yaml" --kubeconfig="$PKI/kubelet.kubeconfig" \
	--hostname-override="$NODE" --node-ip="$NODE_IP"
start controller-manager "$BIN/kubernetes" controller-manager --kubeconfig="$PKI/controller-manager.kubeconfig" \
	--leader-elect=false --bind-address=127.0.0.1 --use-service-account-credentials \
	--allocate-node-cidrs --cluster-cidr="$POD_CIDR" --node-cidr-mask-size=24 --service-cluster-ip-range="$SERVICE_CIDR" \
	--root-ca-file="$PKI/ca.crt" --service-account-private-key-file="$PKI/sa.key" \
	--cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" --profiling=false
start scheduler "$BIN/kubernetes" scheduler --kubeconfig="$PKI/scheduler.kubeconfig" --leader-elect=false --bind-address=127.0.0.1 --profiling=false
start proxy "$BIN/kubernetes" proxy --config="$RUN/proxy.yaml"

# A trapped signal ends `wait` too; the trap does the rest.
wait -n -p gone "${!name[@]}" && rc=0 || rc=$?
echo "${name[${gone:-0}]:-?} exited with $rc; see $LOG"
stop 1
exit
}
