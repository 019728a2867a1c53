package target

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/overworld-gg/overworld/test/bench/floor"
)

// FloorArgument is the first argument with which the benchmark's own program is
// started to be the floor.
const FloorArgument = "serve-floor"

// Floor is the plain fan-out server.
type Floor struct {
	// Core is the core to pin it to.
	Core int
}

// Name is "floor".
func (Floor) Name() string { return "floor" }

// Start starts this program again, as the floor.
func (f Floor) Start(ctx context.Context, l Load) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the own program: %w", err)
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s, err := run(ctx, exec.Command(self, FloorArgument, address, strconv.Itoa(l.Rate)), f.Core, address)
	if err != nil {
		return nil, err
	}
	s.Credentials = func(i int) (int64, string, error) { return int64(i + 1), "any", nil }
	return s, nil
}

// ServeFloor is the floor's main: arguments are the address and the rate.
func ServeFloor(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%s needs an address and a rate", FloorArgument)
	}
	rate, err := strconv.ParseFloat(args[1], 64)
	if err != nil || rate <= 0 {
		return fmt.Errorf("the rate must be a number of frames per second, not %q", args[1])
	}
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	return floor.Serve(ctx, l, rate)
}
