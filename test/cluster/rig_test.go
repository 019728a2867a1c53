//go:build cluster

package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/controllers"
	"github.com/overworld-gg/overworld/test/postgres"
)

const (
	namespace = "overworld-e2e"
	release   = "overworld"
	root      = "../.."
	// patience is how long anything may take.
	patience = 2 * time.Minute
)

// rig is the cluster and what has been measured on it.
type rig struct {
	*testing.T
	client client.Client
	rows   []row
	// database is the game's, nil where it is in the cluster; disk is where it is.
	database *postgres.Server
	disk     string
}

// row is a line of the table of budgets; a budget missed by a factor of two fails
// the run.
type row struct {
	what             string
	measured, budget float64
	unit             string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	c, err := config.GetConfig()
	if err != nil {
		t.Fatal("there is no cluster: run make e2e, which starts one, or set KUBECONFIG: ", err)
	}
	k, err := client.New(c, client.Options{Scheme: controllers.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return &rig{T: t, client: k}
}

// run runs a program and returns what it writes.
func (r *rig) run(input string, name string, args ...string) string {
	r.Helper()
	out, err := r.try(input, name, args...)
	if err != nil {
		r.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func (r *rig) try(input string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = root
	cmd.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// kubectl runs kubectl in the test's namespace: the one in the path, or the
// cluster's own.
func (r *rig) kubectl(args ...string) string {
	r.Helper()
	return r.run("", kubectl(), append([]string{"-n", namespace}, args...)...)
}

func kubectl() string {
	if path, err := exec.LookPath("kubectl"); err == nil {
		return path
	}
	path, err := filepath.Abs(root + "/hack/cluster/state/bin/kubectl")
	if err != nil {
		panic(err)
	}
	return path
}

// apply is kubectl apply of manifests.
func (r *rig) apply(manifests string) {
	r.Helper()
	r.run(manifests, kubectl(), "-n", namespace, "apply", "--server-side", "-f", "-")
}

func (r *rig) overworld(args ...string) string {
	r.Helper()
	return r.run("", "bin/overworld", args...)
}

func (r *rig) helm(args ...string) string {
	r.Helper()
	return r.run("", "bin/helm", append([]string{"-n", namespace}, args...)...)
}

// until waits until there is nothing to complain of, and returns how long it took.
func (r *rig) until(what string, complaint func() string) time.Duration {
	r.Helper()
	begin := time.Now()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	text := complaint()
	for text != "" {
		if time.Since(begin) > patience {
			r.Fatalf("waiting for %s: %s\n%s", what, text, r.state())
		}
		<-ticker.C
		text = complaint()
	}
	return time.Since(begin)
}

// state is what somebody would look at who wonders why.
func (r *rig) state() string {
	var all strings.Builder
	for _, args := range [][]string{
		{"get", "gmap,sb,fl,pods,svc", "-o", "wide"}, {"get", "events", "--sort-by=.lastTimestamp"},
		{"get", "gmap", "-o", "yaml"}, {"logs", "-l", "app.kubernetes.io/component=operator", "--tail=20"},
		{"logs", "-l", "app.kubernetes.io/component=gateway", "--tail=20"}, {"logs", "-l", "app.kubernetes.io/name=mapserver", "--tail=20"},
	} {
		out, _ := r.try("", kubectl(), append([]string{"-n", namespace}, args...)...)
		fmt.Fprintf(&all, "--- kubectl %s\n%s\n", strings.Join(args, " "), out)
	}
	return all.String()
}

func (r *rig) gameMap(name string) *v1alpha1.GameMap {
	r.Helper()
	var m v1alpha1.GameMap
	if err := r.client.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: name}, &m); err != nil {
		r.Fatal(err)
	}
	return &m
}

// notReady complains of a map that does not let players in.
func (r *rig) notReady(name string) string {
	m := r.gameMap(name)
	if meta.IsStatusConditionTrue(m.Status.Conditions, v1alpha1.ConditionReady) {
		return ""
	}
	return fmt.Sprintf("%s is not ready: %+v", name, m.Status.Conditions)
}

// missingEvent complains of an Event of a map that is not there.
func (r *rig) missingEvent(name, reason, text string) string {
	var list eventsv1.EventList
	if err := r.client.List(context.Background(), &list, client.InNamespace(namespace)); err != nil {
		return err.Error()
	}
	for _, e := range list.Items {
		if e.Regarding.Name == name && e.Reason == reason && strings.Contains(e.Note, text) {
			return ""
		}
	}
	return "there is no Event " + reason
}

// gatewayURL is where players sign in, from outside.
func (r *rig) gatewayURL() string {
	r.Helper()
	var nodes corev1.NodeList
	if err := r.client.List(context.Background(), &nodes); err != nil || len(nodes.Items) == 0 {
		r.Fatal("there are no nodes: ", err)
	}
	var service corev1.Service
	if err := r.client.Get(context.Background(), client.ObjectKey{Namespace: namespace, Name: release + "-gateway"}, &service); err != nil {
		r.Fatal(err)
	}
	return fmt.Sprintf("http://%s:%d", nodes.Items[0].Status.Addresses[0].Address, service.Spec.Ports[0].NodePort)
}

// post sends a form and reads the answer.
func (r *rig) post(url string, form map[string]string) map[string]any {
	r.Helper()
	values := make([]string, 0, len(form))
	for k, v := range form {
		values = append(values, k+"="+v)
	}
	resp, err := http.Post(url, "application/x-www-form-urlencoded", strings.NewReader(strings.Join(values, "&")))
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer map[string]any
	if err := json.NewDecoder(io.LimitReader(resp.Body, 8<<20)).Decode(&answer); err != nil {
		r.Fatal(err)
	}
	return answer
}

// measure notes a row of the table.
func (r *rig) measure(what string, measured, budget float64, unit string) {
	r.Helper()
	r.rows = append(r.rows, row{what, measured, budget, unit})
	if measured > 2*budget {
		r.Errorf("%s: %.2f %s, and the budget is %g", what, measured, unit, budget)
	}
}

// table prints what was measured.
func (r *rig) table() {
	w := tabwriter.NewWriter(os.Stdout, 2, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "what\tmeasured\tbudget")
	for _, row := range r.rows {
		_, _ = fmt.Fprintf(w, "%s\t%s %s\t%s %s\n", row.what, strconv.FormatFloat(row.measured, 'f', 2, 64), row.unit, strconv.FormatFloat(row.budget, 'f', -1, 64), row.unit)
	}
	_ = w.Flush()
}
