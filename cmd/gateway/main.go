// Command gateway is the players' entry and the maps' keeper, for map servers
// that run elsewhere.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/overworld-gg/overworld/gateway"
	"github.com/overworld-gg/overworld/gateway/directory"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	if err := command().ExecuteContext(ctx); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "gateway:", err)
		os.Exit(1)
	}
}

// options are the flags that are not the gateway's own.
type options struct {
	maps, kubeNamespace, kubeconfig, start string
	proxies                                []string
}

func command() *cobra.Command {
	var cfg gateway.Config
	var o options
	cmd := &cobra.Command{
		Use:   "gateway --data DIR --maps FILE",
		Short: "Players' entry and maps' keeper of an Overworld game",
		Long: "gateway lets players in and keeps the state of maps. The maps are listed in a file (--maps), or are the\n" +
			"GameMaps of a namespace (--kube-namespace).",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, text := range o.proxies {
				p, err := netip.ParsePrefix(text)
				if err != nil {
					return fmt.Errorf("--trusted-proxies must list networks such as 10.0.0.0/8, it has %q", text)
				}
				cfg.TrustedProxies = append(cfg.TrustedProxies, p)
			}
			if cfg.Database == "" {
				cfg.Database = os.Getenv("OVERWORLD_DATABASE_URL")
			}
			if cfg.Data == "" && (cfg.Database == "" || o.maps != "") {
				return errors.New("where to keep the data? Give a folder with --data, or a database with --database and the maps with --kube-namespace")
			}
			cfg.Logger = slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), nil))
			switch {
			case (o.maps == "") == (o.kubeNamespace == ""):
				return errors.New("which maps? Give either --maps, a file that lists them, or --kube-namespace, where the GameMaps are")
			case o.maps != "" && o.start != "":
				return errors.New("--start is for --kube-namespace: in a file of maps, start says it")
			case o.maps != "":
				return runListed(cmd.Context(), cfg, o.maps)
			default:
				return runInCluster(cmd.Context(), cfg, o)
			}
		},
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Data, "data", "", "`DIR` for the database and the maps' keys")
	f.StringVar(&cfg.Database, "database", "", "`URL` of a PostgreSQL database, instead of a file in --data; better given in the variable OVERWORLD_DATABASE_URL,\nfor it has a password in it")
	f.StringVar(&o.maps, "maps", "", "YAML `FILE` that lists the maps")
	f.StringVar(&o.kubeNamespace, "kube-namespace", "", "`NAMESPACE` whose GameMaps are the maps")
	f.StringVar(&o.kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "`FILE` that says where the cluster is; default: the pod's own account")
	f.StringVar(&o.start, "start", "", "`ID` of the map for new players; default: the oldest GameMap")
	f.StringVar(&cfg.Listen, "listen", "127.0.0.1:8080", "players' `ADDRESS`")
	f.StringVar(&cfg.KeeperListen, "keeper-listen", "127.0.0.1:8081", "map servers' `ADDRESS`; players must not reach it")
	f.StringVar(&cfg.TLSCert, "tls-cert", "", "PEM `FILE` with the certificate for https")
	f.StringVar(&cfg.TLSKey, "tls-key", "", "PEM `FILE` with the certificate's key")
	f.DurationVar(&cfg.Settle, "settle", 0, "how long to go on answering after SIGTERM, not ready, until nobody sends requests here any more")
	f.IntVar(&cfg.Limits.Registrations, "registrations-per-minute", 2000, "new players per minute and client address")
	f.IntVar(&cfg.Limits.LoginsPerAddress, "logins-per-minute", 2000, "sign-ins per minute and client address, on all accounts")
	f.StringSliceVar(&o.proxies, "trusted-proxies", nil, "`NETWORKS` whose X-Forwarded-For is believed")
	cmd.AddCommand(checkCommand())
	return cmd
}

// runListed serves the maps of a file.
func runListed(ctx context.Context, cfg gateway.Config, maps string) error {
	dir, err := directory.ReadFile(maps)
	if err != nil {
		return err
	}
	cfg.Directory = dir
	server, err := gateway.New(ctx, cfg)
	if err != nil {
		return err
	}
	for _, id := range dir.Maps() {
		if _, err := server.MapKey(ctx, id); err != nil {
			_ = server.Close()
			return err
		}
	}
	return server.Run(ctx)
}

// runInCluster serves the GameMaps of a namespace.
func runInCluster(ctx context.Context, cfg gateway.Config, o options) error {
	logger := logr.FromSlogHandler(cfg.Logger.Handler())
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
	var server *gateway.Server
	dir, err := directory.NewCluster(directory.ClusterConfig{
		Kubeconfig: o.kubeconfig, Namespace: o.kubeNamespace, Start: o.start, Logger: cfg.Logger, Terrain: directory.FetchTerrain,
		Key: func(ctx context.Context, id string, hash []byte) error { return server.IntroduceMap(ctx, id, hash) },
	})
	if err != nil {
		return err
	}
	cfg.Directory, cfg.Ready = dir, dir.Ready
	if server, err = gateway.New(ctx, cfg); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watched := make(chan error, 1)
	go func() {
		defer cancel() // a gateway that knows no maps is of no use
		watched <- dir.Run(ctx)
	}()
	err = server.Run(ctx)
	cancel()
	return errors.Join(err, <-watched)
}
