// Package target starts the servers that the benchmark compares, each pinned to
// the server's core.
package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/overworld-gg/overworld/test/bench/machine"
)

// Load is what a server is started for.
type Load struct {
	// Players is how many will come.
	Players int
	// Rate is how many frames per second it is to send.
	Rate int
}

// Target is a server that can be started again and again.
type Target interface {
	// Name is its name in tables.
	Name() string
	// Start starts it and returns when it takes connections.
	Start(ctx context.Context, l Load) (*Server, error)
}

// Server is a running server.
type Server struct {
	// Address is where players connect.
	Address string
	// PID is the process to measure.
	PID int
	// Core is the core that it is pinned to.
	Core int
	// Compression tells whether players negotiate permessage-deflate.
	Compression bool
	// Credentials are those of player i, counted from 0, good for one connection
	// soon.
	Credentials func(i int) (id int64, token string, err error)
	// Stop ends it and waits until it has gone.
	Stop func() error
	// StartedIn is how long it took from exec to listening.
	StartedIn time.Duration
}

const (
	startTimeout = 20 * time.Second
	stopTimeout  = 15 * time.Second
	// knockEvery is how often a starting server is asked whether it listens. It
	// bounds how exactly the start is timed.
	knockEvery = time.Millisecond
)

// run starts cmd on core and waits until address takes connections.
func run(ctx context.Context, cmd *exec.Cmd, core int, address string) (*Server, error) {
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = time.Second
	began := time.Now()
	if err := machine.StartPinned(cmd, core); err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	s := &Server{Address: address, PID: cmd.Process.Pid, Core: core}
	s.Stop = func() error { return stop(cmd, gone) }
	if err := knock(ctx, address, gone); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", cmd.Path, err), s.Stop())
	}
	s.StartedIn = time.Since(began)
	return s, nil
}

// knock connects until somebody answers.
func knock(ctx context.Context, address string, gone chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ticker := time.NewTicker(knockEvery)
	defer ticker.Stop()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s takes connections: %w", address, err)
		case err := <-gone:
			gone <- err
			if err == nil {
				return errors.New("it ended before it took connections")
			}
			return fmt.Errorf("it ended before it took connections: %w", err)
		case <-ticker.C:
		}
	}
}

// stop asks the process to end, and after a while makes it.
func stop(cmd *exec.Cmd, gone chan error) error {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case err := <-gone:
		gone <- nil // who asks again gets an answer, too
		return err
	case <-timer.C:
		_ = cmd.Process.Kill()
		<-gone
		gone <- nil
		return fmt.Errorf("%s did not end within %s of SIGTERM and was killed", cmd.Path, stopTimeout)
	}
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	address := l.Addr().String()
	return address, l.Close()
}
