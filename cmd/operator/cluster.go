package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/flowcontrol"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/controllers"
)

// pace bounds what is asked of the API server, of all kinds together: the client's
// own bounds would be for each kind.
type pace struct {
	qps   float32
	burst int
}

// ownPace is enough for a thousand maps in a minute, and little for an API server.
var ownPace = pace{qps: 200, burst: 400}

func (p pace) limit(config *rest.Config) error {
	if p.qps <= 0 || p.burst < 1 {
		return fmt.Errorf("--api-qps must be more than 0 and --api-burst at least 1, not %g and %d", p.qps, p.burst)
	}
	config.RateLimiter = flowcontrol.NewTokenBucketRateLimiter(p.qps, p.burst)
	return nil
}

// clusterConfig says where the cluster is: in a file, or around the pod.
func clusterConfig(file string, p pace) (*rest.Config, error) {
	config, err := rest.InClusterConfig()
	if file != "" {
		config, err = clientcmd.BuildConfigFromFlags("", file)
	}
	if errors.Is(err, rest.ErrNotInCluster) {
		return nil, errors.New("this is no pod in a cluster: name a kubeconfig file with --kubeconfig")
	}
	if err != nil {
		return nil, fmt.Errorf("reading where the cluster is: %w", err)
	}
	return config, p.limit(config)
}

// leaveWithin bounds the last thing that an operator does.
const leaveWithin = 10 * time.Second

// leave lets the GameMaps of the operator's own namespace go if that is being
// deleted: when the operator has gone, nobody else would, and the namespace would
// never end.
func leave(config *rest.Config, namespace string) error {
	if namespace == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	c, err := client.New(config, client.Options{Scheme: controllers.Scheme()})
	if err != nil {
		return fmt.Errorf("connecting to the cluster: %w", err)
	}
	var own corev1.Namespace
	if err := c.Get(ctx, client.ObjectKey{Name: namespace}, &own); err != nil {
		return fmt.Errorf("looking whether the namespace %s is being deleted: %w", namespace, err)
	}
	if own.DeletionTimestamp == nil {
		return nil
	}
	_, err = controllers.Release(ctx, c, namespace)
	return err
}

// releaseCommand is for the end of an installation: nobody is left afterwards who
// could let GameMaps go.
func releaseCommand() *cobra.Command {
	var namespace, file string
	cmd := &cobra.Command{
		Use:   "release",
		Short: "Let GameMaps be deleted without an operator",
		Long: "release takes the operator's finalizer off all GameMaps, so that they, and their namespaces, can be deleted\n" +
			"when no operator runs any more. Helm runs it when the chart is uninstalled. Maps save all the same when\n" +
			"their pods end, as long as their gateway runs.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := clusterConfig(file, ownPace)
			if err != nil {
				return err
			}
			c, err := client.New(config, client.Options{Scheme: controllers.Scheme()})
			if err != nil {
				return fmt.Errorf("connecting to the cluster: %w", err)
			}
			return release(cmd.Context(), c, cmd, namespace)
		},
	}
	cmd.Flags().StringVar(&namespace, "namespace", "", "`NAMESPACE` of the GameMaps; default: all")
	cmd.Flags().StringVar(&file, "kubeconfig", os.Getenv("KUBECONFIG"), "`FILE` that says where the cluster is; default: the pod's own account")
	return cmd
}

func release(ctx context.Context, c client.Client, cmd *cobra.Command, namespace string) error {
	n, err := controllers.Release(ctx, c, namespace)
	_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%d GameMaps can be deleted without an operator\n", n)
	return err
}
