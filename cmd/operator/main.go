// Command operator turns GameMaps, ScriptBundles and Fleets into pods, Services
// and ConfigMaps, and tells in their status how they are.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/overworld-gg/overworld/controllers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	if err := command().ExecuteContext(ctx); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "operator:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	namespace      string
	image, pull    string
	keeper         string
	metrics        string
	health         string
	lead           bool
	leadNamespace  string
	logLevel       string
	ownNamespace   string
	kubeconfigFile string
	pace           pace
}

func command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:           "operator --mapserver-image IMAGE --keeper-url URL",
		Short:         "Runs the maps of Overworld games on Kubernetes",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.namespace, "namespace", "", "`NAMESPACE` to look after; default: all")
	f.StringVar(&o.image, "mapserver-image", "", "`IMAGE` of the map server")
	f.StringVar(&o.pull, "mapserver-pull-policy", string(corev1.PullIfNotPresent), "when the image is pulled: Always, IfNotPresent or Never")
	f.StringVar(&o.keeper, "keeper-url", "", "`URL` of the gateways' keeper; {namespace} in it stands for a map's namespace")
	f.StringVar(&o.metrics, "metrics-listen", ":8080", "`ADDRESS` of /metrics; 0 for none")
	f.StringVar(&o.health, "health-listen", ":8081", "`ADDRESS` of /healthz and /readyz")
	f.BoolVar(&o.lead, "leader-elect", false, "let one of several operators do the work")
	f.StringVar(&o.leadNamespace, "leader-election-namespace", "", "`NAMESPACE` of the lease; default: the operator's own")
	f.StringVar(&o.ownNamespace, "own-namespace", os.Getenv("POD_NAMESPACE"), "`NAMESPACE` that the operator runs in; default: the variable POD_NAMESPACE")
	f.StringVar(&o.logLevel, "log-level", "info", "`LEVEL` of the log: debug, info, warn or error")
	f.StringVar(&o.kubeconfigFile, "kubeconfig", os.Getenv("KUBECONFIG"), "`FILE` that says where the cluster is; default: the pod's own account")
	f.Float32Var(&o.pace.qps, "api-qps", ownPace.qps, "how many requests a second the API server is asked, of all kinds together")
	f.IntVar(&o.pace.burst, "api-burst", ownPace.burst, "how many of them may come at once")
	for _, name := range []string{"mapserver-image", "keeper-url"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	cmd.AddCommand(releaseCommand())
	return cmd
}

// settings checks the flags.
func (o options) settings() (controllers.Settings, error) {
	s := controllers.Settings{
		MapServerImage: o.image, PullPolicy: corev1.PullPolicy(o.pull), KeeperURL: o.keeper, Namespace: o.ownNamespace,
	}
	switch s.PullPolicy {
	case corev1.PullAlways, corev1.PullIfNotPresent, corev1.PullNever:
	default:
		return s, fmt.Errorf("--mapserver-pull-policy must be Always, IfNotPresent or Never, not %q", o.pull)
	}
	if !strings.HasPrefix(o.keeper, "http://") && !strings.HasPrefix(o.keeper, "https://") {
		return s, fmt.Errorf("--keeper-url must begin with http:// or https://, it is %q", o.keeper)
	}
	return s, nil
}

func run(ctx context.Context, o options) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}
	if err := setLog(o.logLevel); err != nil {
		return err
	}
	config, err := clusterConfig(o.kubeconfigFile, o.pace)
	if err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        controllers.Scheme(),
		Cache:                         controllers.CacheOptions(o.namespace),
		Metrics:                       metricsserver.Options{BindAddress: o.metrics},
		HealthProbeBindAddress:        o.health,
		LeaderElection:                o.lead,
		LeaderElectionID:              "operator.overworld.dev",
		LeaderElectionNamespace:       o.leadNamespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return fmt.Errorf("connecting to the cluster: %w", err)
	}
	err = errors.Join(mgr.AddHealthzCheck("alive", healthz.Ping), mgr.AddReadyzCheck("alive", healthz.Ping))
	if err != nil {
		return err
	}
	if err := controllers.Setup(ctx, mgr, settings); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return err
	}
	return leave(config, o.ownNamespace)
}

// setLog makes everything log as JSON.
func setLog(level string) error {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return fmt.Errorf("--log-level must be debug, info, warn or error, not %q", level)
	}
	logger := logr.FromSlogHandler(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
	return nil
}
