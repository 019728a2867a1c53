// Command bench measures what a map server costs beside the plain fan-out of
// the same bytes (package floor), how many players it holds, what an idle map
// needs and how quickly it starts. The server runs on one core, the players on
// another. `make bench` runs it; docs/performance.md says how to read it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/overworld-gg/overworld/test/bench/machine"
	"github.com/overworld-gg/overworld/test/bench/target"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == target.FloorArgument {
		exit(target.ServeFloor(os.Args[2:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func exit(err error) {
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// options are the flags.
type options struct {
	quick, json bool
	write       string
	only        string
	parts       string
	players     int
	rate        int
	rounds      int
	binary      string
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.BoolVar(&o.quick, "quick", false, "few players for a short time: shows that everything works, not how fast")
	f.BoolVar(&o.json, "json", false, "print JSON instead of a table")
	f.StringVar(&o.write, "write", "", "also write the tables into this `FILE`, between its markers (docs/performance.md)")
	f.StringVar(&o.only, "only", "", "`NAMES` of the servers to run: floor, overworld; default both")
	f.StringVar(&o.parts, "parts", "compare,search,idle", "`PARTS` to run: compare, search, idle")
	f.IntVar(&o.players, "players", 500, "players of the comparison")
	f.IntVar(&o.rate, "rate", 60, "frames per second of the comparison")
	f.IntVar(&o.rounds, "rounds", 3, "how often the comparison runs each server; the median counts")
	f.StringVar(&o.binary, "mapserver", "", "map server `FILE`; default: built from ./cmd/mapserver")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("there are no arguments beside flags, it has %q", f.Args())
	}
	for _, part := range words(o.parts) {
		if part != "compare" && part != "search" && part != "idle" {
			return o, fmt.Errorf("-parts may have compare, search and idle, not %q", part)
		}
	}
	if o.players < 2 || o.rate < 1 || o.rate > 120 || o.rounds < 1 {
		return o, errors.New("-players must be at least 2, -rate 1 to 120 and -rounds at least 1")
	}
	return o, nil
}

func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// run is the whole program.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	serverCore, loadCore, err := machine.Cores()
	if err != nil {
		return err
	}
	targets, clean, err := o.targets(ctx, serverCore)
	defer clean()
	if err != nil {
		return err
	}
	// After the build, which may use all cores.
	if err := machine.PinSelf(loadCore); err != nil {
		return err
	}
	b := newBench(o, stderr)
	r, err := b.run(ctx, targets)
	if err != nil {
		return err
	}
	if err := output(stdout, r, o.json); err != nil {
		return err
	}
	if o.write == "" {
		return nil
	}
	return insert(o.write, markdown(r))
}

func output(w io.Writer, r Report, asJSON bool) error {
	if !asJSON {
		_, err := io.WriteString(w, markdown(r))
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
