//go:build scale

package scale

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/overworld-gg/overworld/controllers"
)

const (
	root      = "../.."
	namespace = "scale"
	// patience is how long anything may take for each thousand of maps.
	patience = 5 * time.Minute
)

// rig is the API server, all that plays a cluster on it, and what was measured.
type rig struct {
	*testing.T
	n        int // maps
	env      *envtest.Environment
	config   *rest.Config
	client   client.Client
	maps     *mapWatch
	servers  *mapServers
	kubelet  *kubelet
	operator *operator
	rows     []row
}

// row is a line of the table. A budget missed by a factor of two fails the run;
// one that is negative is none.
type row struct {
	what             string
	measured, budget float64
	unit             string
}

// none is the budget of what is only told.
const none = -1

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, n: 1000}
	if text := os.Getenv("SCALE_MAPS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 100 {
			t.Fatalf("SCALE_MAPS is how many maps, at least 100; it is %q", text)
		}
		r.n = n
	}
	log.SetLogger(logr.Discard())
	r.startServer()
	var err error
	r.config = rest.CopyConfig(r.env.Config)
	r.config.QPS = -1 // who plays the cluster is not to be what is slow
	if r.client, err = client.New(r.config, client.Options{Scheme: controllers.Scheme()}); err != nil {
		t.Fatal(err)
	}
	r.servers = startServers(t)
	r.maps = r.watchMaps()
	r.kubelet = r.startKubelet()
	return r
}

// startServer starts the API server and etcd, with room for the Services of many
// maps and with an etcd that waits for the disk, as one in earnest does.
func (r *rig) startServer() {
	r.Helper()
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		dir, err := filepath.Abs(root + "/hack/cluster/state/assets")
		if err != nil {
			r.Fatal(err)
		}
		r.Setenv("KUBEBUILDER_ASSETS", dir)
	}
	r.env = &envtest.Environment{CRDDirectoryPaths: []string{root + "/config/crd"}, ErrorIfCRDPathMissing: true}
	r.env.ControlPlane.GetAPIServer().Configure().Set("service-cluster-ip-range", "10.0.0.0/12").Set("service-node-port-range", "10000-32767")
	r.env.ControlPlane.Etcd = &envtest.Etcd{}
	r.env.ControlPlane.Etcd.Configure().Disable("unsafe-no-fsync")
	if _, err := r.env.Start(); err != nil {
		r.Fatal("starting the API server (make assets gets it): ", err)
	}
	r.Cleanup(func() { _ = r.env.Stop() })
}

// until waits until there is nothing to complain of, and returns how long it took.
func (r *rig) until(what string, complaint func() string) time.Duration {
	r.Helper()
	begin := time.Now()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	text := complaint()
	for text != "" {
		if time.Since(begin) > patience*time.Duration(1+r.n/1000) {
			r.Fatalf("waiting for %s: %s", what, text)
		}
		<-ticker.C
		text = complaint()
	}
	return time.Since(begin)
}

// measure notes a row of the table.
func (r *rig) measure(what string, measured, budget float64, unit string) {
	r.Helper()
	r.rows = append(r.rows, row{what, measured, budget, unit})
	if budget >= 0 && measured > 2*budget {
		r.Errorf("%s: %.2f %s, and the budget is %g", what, measured, unit, budget)
	}
}

// table prints what was measured.
func (r *rig) table() {
	w := tabwriter.NewWriter(os.Stdout, 2, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "%d maps\tmeasured\tbudget\n", r.n)
	for _, row := range r.rows {
		budget := ""
		if row.budget >= 0 {
			budget = strconv.FormatFloat(row.budget, 'f', -1, 64) + " " + row.unit
		}
		_, _ = fmt.Fprintf(w, "%s\t%s %s\t%s\n", row.what, strconv.FormatFloat(row.measured, 'f', 2, 64), row.unit, budget)
	}
	_ = w.Flush()
}

// ofThousand is a budget that is for a thousand maps, for as many as there are.
func (r *rig) ofThousand(budget float64) float64 { return budget * max(1, float64(r.n)/1000) }

// parallel does something for the numbers below n, many at a time.
func (r *rig) parallel(n int, do func(ctx context.Context, i int) error) {
	r.Helper()
	work, failed := make(chan int), make(chan error, n)
	done := make(chan struct{})
	const hands = 16
	for range hands {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := range work {
				if err := do(r.Context(), i); err != nil {
					failed <- err
				}
			}
		}()
	}
	for i := range n {
		work <- i
	}
	close(work)
	for range hands {
		<-done
	}
	close(failed)
	for err := range failed {
		r.Fatal(err)
	}
}
