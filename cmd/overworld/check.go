package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/overworld-gg/overworld/mapserver"
	"github.com/overworld-gg/overworld/mapserver/config"
)

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check DIR",
		Short: "Check a bundle: compile its scripts, check world.yaml and the map",
		Long: "check compiles all scripts of a bundle and checks world.yaml and the map. All problems are told, one a\n" +
			"line, as file:line:column: what is wrong. The exit code is 2 if the bundle cannot run.",
		Example: "  overworld bundle check examples/meadow",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("give the folder of one bundle, for example: overworld bundle check examples/meadow")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return check(cmd, args[0]) },
	}
}

// check checks the bundles of a folder.
func check(cmd *cobra.Command, dir string) error {
	manifests, err := config.ReadDir(dir)
	if err != nil {
		return err
	}
	var failed bool
	seen := map[string]bool{}
	for _, m := range manifests.Maps {
		b, err := manifests.ReadBundle(m)
		if err != nil {
			return err
		}
		if seen[b.Revision] {
			continue
		}
		seen[b.Revision] = true
		problems, runs := mapserver.Check(m.Dialect, m.Entry, b)
		for _, p := range problems {
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), p)
		}
		if !runs {
			failed = true
			continue
		}
		_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s: the bundle is fine, %d files, revision %s\n", m.ID, len(b.Files), b.Revision)
	}
	if failed {
		return exitCode(2)
	}
	return nil
}
