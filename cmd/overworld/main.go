// Command overworld is the tool of game developers: it runs a game on a laptop,
// checks bundles, and plays with simulated players.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() { os.Exit(execute()) }

// execute runs the command line and returns the exit code: 0 for success, 1 for
// an error, 2 for a bundle with problems or a command line that is wrong.
func execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := rootCommand()
	err := root.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	default:
		_, _ = fmt.Fprintln(os.Stderr, "overworld:", err)
		return 1
	}
}

// exitCode ends the program without a further word.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "overworld",
		Short: "Online game worlds, scripted in Lua",
		Long: "overworld runs the maps of an online game from folders of scripts, checks such folders,\n" +
			"and plays with simulated players to see how much a game can bear.",
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	bundle := &cobra.Command{Use: "bundle", Short: "Work with bundles, the folders that hold a game's scripts"}
	bundle.AddCommand(checkCommand(), packCommand())
	root.AddCommand(runCommand(), bundle, botsCommand())
	return root
}
