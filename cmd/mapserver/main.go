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
	"github.com/overworld-gg/overworld/mapserver/slot"
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
	slots, wanted, drain string
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
			"everything, tells players, and ends; a second signal skips what is not saving.\n\n" +
			"In a pod it takes its scripts from --slots and swaps them whenever --wanted names another revision.",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.config, "config", "", "the GameMap manifest, a YAML `FILE`")
	f.StringVar(&o.bundle, "bundle", "", "the bundle's `DIR`; default: the folder of the manifest, or the ScriptBundle in it")
	f.StringVar(&o.slots, "slots", "", "`DIR` with the folders blue and green, each with a revision of the bundle, instead of --bundle")
	f.StringVar(&o.wanted, "wanted", "", "`FILE` that says which slot and revision to run, such as blue/0123456789ab")
	f.StringVar(&o.drain, "drain", "", "`FILE` that says until when players may stay, in RFC 3339; empty: as long as they like")
	f.StringVar(&o.keys, "keys", "", "PEM `FILE` with the public keys that players' tokens are signed with; default: asked of the keeper")
	f.StringVar(&o.listen, "listen", "127.0.0.1:7001", "players' `ADDRESS`")
	f.StringVar(&o.status, "status-listen", "", "`ADDRESS` of /status, /metrics and the health checks; players must not reach it")
	f.StringVar(&o.keeper, "keeper", "", "`URL` of the gateway's keeper; without it nothing is kept")
	f.StringVar(&o.keeperKey, "keeper-key", "", "`FILE` with the map's own key for the keeper")
	f.StringVar(&o.tlsCert, "tls-cert", "", "PEM `FILE` with a certificate: serve wss")
	f.StringVar(&o.tlsKey, "tls-key", "", "PEM `FILE` with the certificate's key")
	f.StringVar(&o.log, "log", "json", "`FORMAT` of the log: json or text")
	if err := cmd.MarkFlagRequired("config"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func run(ctx context.Context, o options) error {
	c, err := o.load(ctx)
	if err != nil {
		return err
	}
	s, err := o.build(ctx, c)
	if err != nil {
		return err
	}
	go hurry(ctx, s)
	c.Log.Info("serving", slog.String("gamemap", c.Map.ID), slog.String("address", c.Listener.Addr().String()))
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

// build makes the server, from the pod's slots if there are any; then it follows
// them, until ctx is done.
func (o options) build(ctx context.Context, c mapserver.Config) (*mapserver.Server, error) {
	if o.slots == "" {
		return mapserver.New(ctx, c)
	}
	c.SendOn = true
	s, watcher, err := mapserver.NewInPod(ctx, c, slot.Source{
		Files: os.DirFS(o.slots), Wanted: func() ([]byte, error) { return os.ReadFile(o.wanted) }, Terrain: c.Map.Terrain,
	})
	if err == nil {
		go mapserver.Follow(ctx, watcher)
		if o.drain != "" {
			go s.FollowDrain(ctx, func() ([]byte, error) { return os.ReadFile(o.drain) })
		}
	}
	return s, err
}

// load reads all files and opens the ports.
func (o options) load(ctx context.Context) (c mapserver.Config, err error) {
	if c.Log, err = o.logger(); err != nil {
		return c, err
	}
	if c.Map, c.Bundle, err = o.launch(); err != nil {
		return c, err
	}
	if c.Keeper, err = o.keeperConfig(c.Map.ID); err != nil {
		return c, err
	}
	if c.Door, err = o.door(ctx, c); err != nil {
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
	switch {
	case o.slots != "" && o.wanted == "":
		return m, nil, errors.New("--slots needs --wanted, the file that says which revision to run")
	case o.slots != "" && o.bundle != "":
		return m, nil, errors.New("give the scripts either with --bundle or with --slots, not with both")
	case o.slots != "":
		return m, nil, nil
	case o.bundle != "":
		m.BundleDir = o.bundle
	case manifests.Bundles[m.Bundle] == nil:
		return m, nil, errors.New("which bundle? Give its folder with --bundle")
	}
	b, err := manifests.ReadBundle(m)
	return m, b, err
}

func (o options) door(ctx context.Context, c mapserver.Config) (*token.Gate, error) {
	if o.keys == "" && o.keeper == "" {
		return nil, errors.New("who may come in? Give the public keys with --keys, or a --keeper to ask for them")
	}
	if o.keys == "" {
		return mapserver.OpenGate(ctx, c.Keeper, c.Log)
	}
	text, err := os.ReadFile(o.keys)
	if err != nil {
		return nil, err
	}
	keys, err := token.DecodePublic(text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", o.keys, err)
	}
	return mapserver.NewGate(c.Map.ID, keys), nil
}

func (o options) keeperConfig(mapID string) (keeper.Config, error) {
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
	return keeper.Config{URL: o.keeper, Map: mapID, Key: strings.TrimSpace(string(key)), Pod: os.Getenv("POD_UID")}, nil
}
