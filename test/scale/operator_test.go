//go:build scale

package scale

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// operator is the operator's process.
type operator struct {
	cmd     *exec.Cmd
	metrics string // address
	log     string // file
	begun   time.Time
}

// account is whom the operator is to the API server: one that the server's fair
// shares hold, as they do a pod's; an administrator they would not.
const account = "system:serviceaccount:overworld:operator"

// buildOperator builds the program, and lets its account do what config/rbac says.
func (r *rig) buildOperator() (kubeconfig string) {
	r.Helper()
	build := exec.Command("go", "build", "-trimpath", "-o", "bin/operator", "./cmd/operator")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		r.Fatalf("building the operator: %v\n%s", err, out)
	}
	manifest, err := os.ReadFile(root + "/config/rbac/role.yaml")
	if err != nil {
		r.Fatal(err)
	}
	var role rbacv1.ClusterRole
	if err := yaml.Unmarshal(manifest, &role); err != nil {
		r.Fatal(err)
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: account}},
	}
	for _, o := range []client.Object{&role, binding} {
		if err := r.client.Create(r.Context(), o); err != nil {
			r.Fatal(err)
		}
	}
	user, err := r.env.AddUser(envtest.User{Name: account, Groups: []string{"system:serviceaccounts"}}, nil)
	if err != nil {
		r.Fatal(err)
	}
	data, err := user.KubeConfig()
	if err != nil {
		r.Fatal(err)
	}
	kubeconfig = filepath.Join(r.TempDir(), "kubeconfig")
	if err := os.WriteFile(kubeconfig, data, 0o600); err != nil {
		r.Fatal(err)
	}
	return kubeconfig
}

// startOperator starts the program, and waits until it works.
func (r *rig) startOperator(kubeconfig string) {
	r.Helper()
	o := &operator{metrics: freeAddress(r), log: filepath.Join(r.TempDir(), "operator.log"), begun: time.Now()}
	health := freeAddress(r)
	o.cmd = exec.Command(root+"/bin/operator", append([]string{
		"--kubeconfig", kubeconfig, "--mapserver-image", "overworld/mapserver:scale", "--keeper-url", "http://keeper.{namespace}:8081",
		"--metrics-listen", o.metrics, "--health-listen", health,
	}, strings.Fields(os.Getenv("SCALE_OPERATOR_FLAGS"))...)...)
	log, err := os.Create(o.log)
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	o.cmd.Stdout, o.cmd.Stderr = log, log
	if err := o.cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.operator = o
	r.until("the operator to be ready", func() string {
		resp, err := http.Get("http://" + health + "/readyz")
		if err != nil {
			return err.Error()
		}
		return cond(resp.Body.Close() != nil || resp.StatusCode != http.StatusOK, resp.Status)
	})
}

// stopOperator ends the process as Kubernetes does, and says what it complained of.
func (r *rig) stopOperator() {
	r.Helper()
	o := r.operator
	r.operator = nil
	if err := errors.Join(o.cmd.Process.Signal(syscall.SIGTERM), o.cmd.Wait()); err != nil {
		r.Error("stopping the operator: ", err)
	}
	log, err := os.ReadFile(o.log)
	if err != nil {
		r.Fatal(err)
	}
	complaints := 0
	for line := range strings.Lines(string(log)) {
		if !strings.Contains(line, `"level":"ERROR"`) {
			continue
		}
		if complaints++; complaints <= 5 {
			r.Log("the operator says: ", line)
		}
	}
	r.measure("errors in the operator's log", float64(complaints), none, "")
}

func freeAddress(r *rig) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// cond is a complaint if there is one.
func cond(bad bool, complaint string) string {
	if bad {
		return complaint + " "
	}
	return ""
}

// sample is what the operator has counted up to a moment.
type sample struct {
	at            time.Time
	calls         map[string]float64 // by verb
	refused       float64            // of the writes
	cpu           float64            // seconds
	reconciles    float64
	polls         float64
	queued        float64 // objects that wait for a reconcile, and statuses for a write
	rss, peak     float64 // MiB
	server, store float64 // CPU seconds of the API server and of etcd
	own           float64 // of who plays the cluster
}

func (s sample) writes() float64 {
	return s.calls["POST"] + s.calls["PUT"] + s.calls["PATCH"] + s.calls["DELETE"]
}

// since is what was counted since an earlier sample.
func (s sample) since(e sample) sample {
	d := s
	d.calls = map[string]float64{}
	for verb, n := range s.calls {
		d.calls[verb] = n - e.calls[verb]
	}
	d.refused -= e.refused
	d.cpu -= e.cpu
	d.reconciles -= e.reconciles
	d.polls -= e.polls
	d.server -= e.server
	d.store -= e.store
	d.own -= e.own
	return d
}

// sample reads the operator's metrics, and what the processes have used.
func (r *rig) sample() sample {
	r.Helper()
	s := sample{at: time.Now(), calls: map[string]float64{}}
	resp, err := http.Get("http://" + r.operator.metrics + "/metrics")
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		s.read(lines.Text())
	}
	if err := lines.Err(); err != nil {
		r.Fatal(err)
	}
	pid := r.operator.cmd.Process.Pid
	s.rss, s.peak = memoryOf(r, pid, "VmRSS"), memoryOf(r, pid, "VmHWM")
	s.server, s.store, s.own = r.usage()
	return s
}

// read takes over one line of the metrics.
func (s *sample) read(line string) {
	name, rest, _ := strings.Cut(line, " ")
	series, labels, _ := strings.Cut(name, "{")
	value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
	if err != nil || strings.HasPrefix(line, "#") || rest == "" {
		return
	}
	switch series {
	case "rest_client_requests_total":
		verb := labelOf(labels, "method")
		s.calls[verb] += value
		if code := labelOf(labels, "code"); verb != http.MethodGet && !strings.HasPrefix(code, "2") {
			s.refused += value
		}
	case "process_cpu_seconds_total":
		s.cpu = value
	case "controller_runtime_reconcile_total":
		s.reconciles += value
	case "overworld_operator_polls_total":
		s.polls += value
	case "workqueue_depth", "overworld_operator_waiting_writes", "controller_runtime_active_workers":
		s.queued += value
	}
}

func labelOf(labels, name string) string {
	_, rest, _ := strings.Cut(labels, name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// memoryOf reads a line of /proc/PID/status, in MiB.
func memoryOf(r *rig, pid int, what string) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		r.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); fields[0] == what+":" {
			kib, _ := strconv.ParseFloat(fields[1], 64)
			return kib / 1024
		}
	}
	return 0
}

// usage is the CPU seconds of the API server, of etcd, and of this process.
func (r *rig) usage() (server, store, own float64) {
	entries, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		r.Fatal(err)
	}
	for _, file := range entries {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(data)[strings.LastIndexByte(string(data), ')')+1:])
		user, _ := strconv.ParseFloat(fields[11], 64)
		system, _ := strconv.ParseFloat(fields[12], 64)
		seconds := (user + system) / 100 // ticks of a hundredth
		pid := filepath.Base(filepath.Dir(file))
		command, _ := os.ReadFile("/proc/" + pid + "/cmdline")
		switch {
		case pid == strconv.Itoa(os.Getpid()):
			own = seconds
		case fields[1] != strconv.Itoa(os.Getpid()):
		case strings.Contains(string(command), "--listen-peer-urls"):
			store = seconds
		case strings.Contains(string(command), "--etcd-servers"):
			server = seconds
		}
	}
	return server, store, own
}
