package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/overworld-gg/overworld/local"
	"github.com/overworld-gg/overworld/mapserver/config"
	"github.com/overworld-gg/overworld/mapserver/game"
)

func runCommand() *cobra.Command {
	var c local.Config
	var logs string
	cmd := &cobra.Command{
		Use:   "run DIR...",
		Short: "Run a game on this machine",
		Long: "run starts all maps of a game in one process, with the entry for players, and swaps changed scripts\n" +
			"into the running maps. A DIR is a bundle (a folder with world.yaml) or a folder with GameMap manifests.\n" +
			"Accounts and the world are kept in the data folder. Ctrl-C saves everything and stops.",
		Example: "  overworld run examples/meadow",
		Args:    atLeastOneDir,
		RunE: func(cmd *cobra.Command, dirs []string) error {
			return runGame(cmd, c, dirs, logs)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.Listen, "listen", "127.0.0.1:8080", "`ADDRESS` where players sign in; maps listen on the same host")
	f.IntVar(&c.FirstPort, "first-port", 7001, "`PORT` of the first map; the next maps get the next ports")
	f.StringVar(&c.Data, "data", ".overworld", "`DIR` for accounts, the world and the keys")
	f.StringVar(&c.TLSCert, "tls-cert", "", "PEM `FILE` with a certificate: serve https and wss")
	f.StringVar(&c.TLSKey, "tls-key", "", "PEM `FILE` with the certificate's key")
	f.StringVar(&logs, "log", "text", "`FORMAT` of the log: text or json")
	return cmd
}

func atLeastOneDir(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("which game? Give the folder of a bundle, for example: overworld run examples/meadow")
	}
	return nil
}

// logHandler writes logs in the format that was asked for.
func logHandler(format string, w io.Writer) (slog.Handler, error) {
	switch format {
	case "text":
		return slog.NewTextHandler(w, nil), nil
	case "json":
		return slog.NewJSONHandler(w, nil), nil
	default:
		return nil, fmt.Errorf("--log must be text or json, not %q", format)
	}
}

func runGame(cmd *cobra.Command, c local.Config, dirs []string, logs string) error {
	if c.FirstPort < 0 || c.FirstPort > 65535 {
		return fmt.Errorf("--first-port is %d: it must be from 0 to 65535", c.FirstPort)
	}
	var err error
	if c.Maps, err = readMaps(dirs); err != nil {
		return err
	}
	screen := newScreen(cmd.ErrOrStderr(), isTerminal(cmd.ErrOrStderr()))
	handler, err := logHandler(logs, screen)
	if err != nil {
		return err
	}
	c.Log = slog.New(handler)
	var g *local.Game
	c.Tell = func(n local.Notice) { screen.tell(n, g) }
	if g, err = local.New(cmd.Context(), c); err != nil {
		return err
	}
	defer hurryOnSecondSignal(cmd.Context(), g)()
	defer screen.watch(cmd.Context(), g)()
	return g.Run(cmd.Context())
}

// hurryOnSecondSignal makes a second Ctrl-C end the game once it is saved,
// without waiting for players to part.
func hurryOnSecondSignal(ctx context.Context, g *local.Game) (stop func()) {
	signals := make(chan os.Signal, 2)
	done := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-done:
			return
		}
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(signals)
		select {
		case <-signals:
			g.Hurry()
		case <-done:
		}
	}()
	return func() { close(done) }
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// readMaps reads all folders of a game.
func readMaps(dirs []string) ([]local.Map, error) {
	var out []local.Map
	for _, dir := range dirs {
		manifests, err := config.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, m := range manifests.Maps {
			if slices.ContainsFunc(out, func(o local.Map) bool { return o.ID == m.ID }) {
				return nil, fmt.Errorf("%s: there is another map called %q: each needs a name of its own", dir, m.ID)
			}
			out = append(out, localMap(dir, m))
		}
	}
	return out, nil
}

// localMap is a map whose bundle is read afresh each time: from its folder, or
// from the manifests of dir.
func localMap(dir string, m config.Map) local.Map {
	if m.BundleDir != "" {
		return local.Map{Map: m, Watch: []string{m.BundleDir}, Read: func() (*game.Bundle, error) {
			return game.ReadBundle(os.DirFS(m.BundleDir))
		}}
	}
	return local.Map{Map: m, Watch: []string{filepath.Clean(dir)}, Read: func() (*game.Bundle, error) {
		manifests, err := config.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		return manifests.ReadBundle(m)
	}}
}
