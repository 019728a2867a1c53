// Command gateway is the players' entry and the maps' keeper, for map servers
// that run elsewhere.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

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

func command() *cobra.Command {
	var cfg gateway.Config
	var maps string
	var proxies []string
	cmd := &cobra.Command{
		Use:           "gateway --data DIR --maps FILE",
		Short:         "Players' entry and maps' keeper of an Overworld game",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, text := range proxies {
				p, err := netip.ParsePrefix(text)
				if err != nil {
					return fmt.Errorf("--trusted-proxies must list networks such as 10.0.0.0/8, it has %q", text)
				}
				cfg.TrustedProxies = append(cfg.TrustedProxies, p)
			}
			cfg.Logger = slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), nil))
			return run(cmd.Context(), cfg, maps)
		},
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Data, "data", "", "`DIR` for the database and the generated keys")
	f.StringVar(&maps, "maps", "", "YAML `FILE` that lists the maps")
	f.StringVar(&cfg.Listen, "listen", "127.0.0.1:8080", "players' `ADDRESS`")
	f.StringVar(&cfg.KeeperListen, "keeper-listen", "127.0.0.1:8081", "map servers' `ADDRESS`; players must not reach it")
	f.StringVar(&cfg.TLSCert, "tls-cert", "", "PEM `FILE` with the certificate for https")
	f.StringVar(&cfg.TLSKey, "tls-key", "", "PEM `FILE` with the certificate's key")
	f.IntVar(&cfg.Limits.Registrations, "registrations-per-minute", 2000, "new players per minute and client address")
	f.IntVar(&cfg.Limits.LoginsPerAddress, "logins-per-minute", 2000, "sign-ins per minute and client address, on all accounts")
	f.StringSliceVar(&proxies, "trusted-proxies", nil, "`NETWORKS` whose X-Forwarded-For is believed")
	for _, name := range []string{"data", "maps"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

func run(ctx context.Context, cfg gateway.Config, maps string) error {
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
