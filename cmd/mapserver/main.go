// Command mapserver runs one map from its launch file.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/overworld-gg/overworld/mapserver"
	"github.com/overworld-gg/overworld/mapserver/config"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/keeper"
	"github.com/overworld-gg/overworld/mapserver/token"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "mapserver:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	config, bundle, keys string
	listen, status       string
	keeper, keeperKey    string
	tlsCert, tlsKey      string
	log                  string
}

func command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "mapserver --config FILE --bundle DIR --keys FILE",
		Short: "Runs one map of an Overworld game",
		Long: "mapserver runs one map: FILE is its GameMap manifest, DIR the folder with its scripts. On SIGTERM it saves\n" +
			"everything, tells players, and ends; a second signal skips what is not saving.",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.config, "config", "", "the GameMap manifest, a YAML `FILE`")
	f.StringVar(&o.bundle, "bundle", "", "the bundle's `DIR`; default: the folder of the manifest, or the ScriptBundle in it")
	f.StringVar(&o.keys, "keys", "", "PEM `FILE` with the public keys that players' tokens are signed with")
	f.StringVar(&o.listen, "listen", "127.0.0.1:7001", "players' `ADDRESS`")
	f.StringVar(&o.status, "status-listen", "", "`ADDRESS` of /status, /metrics and the health checks; players must not reach it")
	f.StringVar(&o.keeper, "keeper", "", "`URL` of the gateway's keeper; without it nothing is kept")
	f.StringVar(&o.keeperKey, "keeper-key", "", "`FILE` with the map's own key for the keeper")
	f.StringVar(&o.tlsCert, "tls-cert", "", "PEM `FILE` with a certificate: serve wss")
	f.StringVar(&o.tlsKey, "tls-key", "", "PEM `FILE` with the certificate's key")
	f.StringVar(&o.log, "log", "json", "`FORMAT` of the log: json or text")
	for _, name := range []string{"config", "keys"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

func run(ctx context.Context, o options) error {
	c, err := o.load()
	if err != nil {
		return err
	}
	s, err := mapserver.New(ctx, c)
	if err != nil {
		return err
	}
	go hurry(ctx, s)
	c.Log.Info("serving", slog.String("gamemap", c.Map.ID), slog.String("address", c.Listener.Addr().String()), slog.String("revision", c.Bundle.Revision))
	return s.Run(ctx)
}

// hurry waits for the second signal. It ends with the process.
func hurry(ctx context.Context, s *mapserver.Server) {
	<-ctx.Done()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	<-signals
	s.Hurry()
}

// load reads all files and opens the ports.
func (o options) load() (c mapserver.Config, err error) {
	if c.Log, err = o.logger(); err != nil {
		return c, err
	}
	if c.Map, c.Bundle, err = o.launch(); err != nil {
		return c, err
	}
	if c.Door, err = o.door(c.Map.ID); err != nil {
		return c, err
	}
	if c.Keeper, err = o.keeperConfig(); err != nil {
		return c, err
	}
	if c.TLS, err = mapserver.Certificate(o.tlsCert, o.tlsKey); err != nil {
		return c, err
	}
	if c.Listener, err = net.Listen("tcp", o.listen); err != nil {
		return c, err
	}
	if o.status != "" {
		c.Status, err = net.Listen("tcp", o.status)
	}
	return c, err
}

func (o options) logger() (*slog.Logger, error) {
	switch o.log {
	case "json":
		return slog.New(slog.NewJSONHandler(os.Stderr, nil)), nil
	case "text":
		return slog.New(slog.NewTextHandler(os.Stderr, nil)), nil
	default:
		return nil, fmt.Errorf("--log must be json or text, not %q", o.log)
	}
}

// launch reads the launch file and the bundle.
func (o options) launch() (config.Map, *game.Bundle, error) {
	manifests, err := config.ReadFile(o.config)
	if err != nil {
		return config.Map{}, nil, err
	}
	if len(manifests.Maps) != 1 {
		return config.Map{}, nil, fmt.Errorf("%s has %d GameMaps: a map server runs one", o.config, len(manifests.Maps))
	}
	m := manifests.Maps[0]
	if o.bundle != "" {
		m.BundleDir = o.bundle
	} else if manifests.Bundles[m.Bundle] == nil {
		return m, nil, errors.New("which bundle? Give its folder with --bundle")
	}
	b, err := manifests.ReadBundle(m)
	return m, b, err
}

func (o options) door(mapID string) (*token.Gate, error) {
	text, err := os.ReadFile(o.keys)
	if err != nil {
		return nil, err
	}
	keys, err := token.DecodePublic(text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", o.keys, err)
	}
	return mapserver.NewGate(mapID, keys), nil
}

func (o options) keeperConfig() (keeper.Config, error) {
	if o.keeper == "" {
		return keeper.Config{}, nil
	}
	if o.keeperKey == "" {
		return keeper.Config{}, errors.New("--keeper needs --keeper-key, the file with the map's own key")
	}
	key, err := os.ReadFile(o.keeperKey)
	if err != nil {
		return keeper.Config{}, err
	}
	return keeper.Config{URL: o.keeper, Key: strings.TrimSpace(string(key))}, nil
}
