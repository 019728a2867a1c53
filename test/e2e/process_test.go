package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take that should take a moment.
const patience = 30 * time.Second

var binaries string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

// buildAndRun builds the programs once, for all tests.
func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "overworld-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binaries = dir
	build := exec.Command("go", "build", "-o", dir, "../../cmd/...")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the programs:", err)
		return 1
	}
	return m.Run()
}

// output is what a program writes; it may be read while the program runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// game is a running `overworld run`.
type game struct {
	t    *testing.T
	cmd  *exec.Cmd
	log  *output
	url  string
	done chan struct{}
	err  error
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// program runs one of our programs to its end.
func program(t *testing.T, name string, args ...string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b, err := exec.CommandContext(ctx, filepath.Join(binaries, name), args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return string(b), code
}

// start starts a game.
func start(t *testing.T, address, data string, args ...string) *game {
	t.Helper()
	args = append([]string{"run", "--listen", address, "--first-port", "0", "--data", data}, args...)
	g := &game{t: t, log: &output{}, url: "http://" + address, done: make(chan struct{})}
	g.cmd = exec.Command(filepath.Join(binaries, "overworld"), args...)
	g.cmd.Stdout, g.cmd.Stderr = g.log, g.log
	if err := g.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { g.err = g.cmd.Wait(); close(g.done) }()
	t.Cleanup(func() { g.signal(syscall.SIGKILL); <-g.done })
	return g
}

// run starts a game and waits until it is ready.
func run(t *testing.T, data string, args ...string) *game {
	t.Helper()
	g := start(t, "127.0.0.1:"+strconv.Itoa(freePort(t)), data, args...)
	g.await("to be ready", func() bool {
		answer, err := http.Get(g.url + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return g
}

func (g *game) signal(s syscall.Signal) { _ = g.cmd.Process.Signal(s) }

// await asks again and again until the answer is yes.
func (g *game) await(what string, yes func() bool) {
	g.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !yes() {
		select {
		case <-ticker.C:
		case <-g.done:
			g.t.Fatalf("waiting for the game %s: it ended: %v\n%s", what, g.err, g.log)
		case <-deadline.C:
			g.t.Fatalf("waiting for the game %s: it takes too long\n%s", what, g.log)
		}
	}
}

// stop ends the game as Ctrl-C does, and tells how it ended.
func (g *game) stop() error {
	g.t.Helper()
	g.signal(syscall.SIGINT)
	select {
	case <-g.done:
		return g.err
	case <-time.After(patience):
		g.t.Fatalf("the game does not stop\n%s", g.log)
		return nil
	}
}

// kill ends the game without warning.
func (g *game) kill() {
	g.signal(syscall.SIGKILL)
	<-g.done
}
