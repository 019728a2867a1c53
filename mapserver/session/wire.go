package session

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/time/rate"
)

// wire is a connection whose Write never blocks, once it has been opened: what
// the socket does not take at once waits, and a goroutine writes it as soon as
// the socket can take it. Until then it is a plain connection, for the HTTP part.
//
// Each Write is a whole number of frames and stays in one piece, so several
// goroutines may write.
type wire struct {
	net.Conn
	// raw is the socket; nil if the connection is none (a pipe, TLS over another
	// listener): then the goroutine does all writing.
	raw syscall.RawConn

	opened atomic.Bool
	// start runs a function in a goroutine that is waited for; false means that
	// it is too late for that.
	start func(func()) bool
	// drained is called when a wire that was busy can take more.
	drained func()

	// bytes bounds what is read, by the clock now; nil bounds nothing.
	bytes *rate.Limiter
	now   func() time.Time

	// busy says that something waits.
	busy atomic.Bool

	mu sync.Mutex
	// rest[head:] is what waits.
	rest   []byte
	head   int
	corked bool
	err    error
	once   onceWrite
}

// onceWrite holds the arguments of a write to the socket, so that it needs no
// closure of its own.
type onceWrite struct {
	p   []byte
	n   int
	err error
	run func(fd uintptr) bool
}

var errWireClosed = errors.New("the connection is closed")

func newWire(conn net.Conn) *wire {
	w := &wire{Conn: conn}
	if s, ok := conn.(syscall.Conn); ok && canWriteRaw {
		if raw, err := s.SyscallConn(); err == nil {
			w.raw = raw
		}
	}
	w.once.run = func(fd uintptr) bool {
		w.once.n, w.once.err = writeRaw(fd, w.once.p)
		return true
	}
	return w
}

// limit bounds what is read from now on. It is called before others read.
func (w *wire) limit(bytes *rate.Limiter, now func() time.Time) { w.bytes, w.now = bytes, now }

// Read reads from the connection; errFlood if it brings more than allowed.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if err == nil && w.bytes != nil && !w.bytes.AllowN(w.now(), n) {
		return 0, errFlood
	}
	return n, err
}

// open makes Write stop blocking.
func (w *wire) open(start func(func()) bool, drained func()) {
	w.start, w.drained = start, drained
	w.opened.Store(true)
}

// Write hands p on or keeps it. It fails only on a broken connection.
func (w *wire) Write(p []byte) (int, error) {
	if !w.opened.Load() {
		return w.Conn.Write(p)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	if w.corked || w.busy.Load() || w.raw == nil {
		w.rest = append(w.rest, p...)
		if !w.corked {
			w.wait()
		}
		return len(p), w.err
	}
	n, err := w.try(p)
	if err != nil {
		return n, w.fail(err)
	}
	if n < len(p) {
		w.rest = append(w.rest, p[n:]...)
		w.wait()
	}
	return len(p), w.err
}

// try writes to the socket what it takes.
func (w *wire) try(p []byte) (int, error) {
	w.once.p, w.once.n, w.once.err = p, 0, nil
	err := w.raw.Write(w.once.run)
	w.once.p = nil
	if err == nil {
		err = w.once.err
	}
	return w.once.n, err
}

// wait starts the goroutine that writes the rest, if none runs.
func (w *wire) wait() {
	if w.busy.Swap(true) {
		return
	}
	run := w.drainRaw
	if w.raw == nil {
		run = w.drainBlocking
	}
	if !w.start(run) {
		_ = w.fail(errWireClosed)
	}
}

// fail marks the connection as broken. The reader sees the same and ends the
// session.
func (w *wire) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	w.rest, w.head = nil, 0
	w.busy.Store(false)
	return w.err
}

// cork makes writes wait for uncork, which writes them together.
func (w *wire) cork() {
	w.mu.Lock()
	w.corked = true
	w.mu.Unlock()
}

func (w *wire) uncork() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.corked = false
	if w.err != nil || w.busy.Load() || len(w.rest) == 0 {
		return
	}
	if w.raw != nil {
		n, err := w.try(w.rest)
		if err != nil {
			_ = w.fail(err)
			return
		}
		if w.took(n) {
			return
		}
	}
	w.wait()
}

// took drops the first n bytes of the rest and says whether it is empty now.
func (w *wire) took(n int) bool {
	w.head += n
	if w.head < len(w.rest) {
		return false
	}
	w.head = 0
	if cap(w.rest) > keepRest {
		w.rest = nil
	} else {
		w.rest = w.rest[:0]
	}
	return true
}

// keepRest is how large a buffer is kept for the next time.
const keepRest = 16 << 10

// drainRaw waits until the socket is writable, writes, and so on until nothing
// is left.
func (w *wire) drainRaw() {
	err := w.raw.Write(func(fd uintptr) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.err != nil {
			return true
		}
		n, err := writeRaw(fd, w.rest[w.head:])
		if err != nil {
			_ = w.fail(err)
			return true
		}
		if !w.took(n) {
			return false
		}
		w.busy.Store(false)
		return true
	})
	w.finish(err)
}

// drainBlocking writes with blocking writes until nothing is left.
func (w *wire) drainBlocking() {
	for {
		w.mu.Lock()
		if w.err != nil || len(w.rest) == 0 {
			w.busy.Store(false)
			w.mu.Unlock()
			w.finish(nil)
			return
		}
		p := w.rest
		w.rest, w.head = nil, 0
		w.mu.Unlock()
		if _, err := w.Conn.Write(p); err != nil {
			w.finish(err)
			return
		}
	}
}

func (w *wire) finish(err error) {
	if err != nil {
		w.mu.Lock()
		_ = w.fail(err)
		w.mu.Unlock()
	}
	w.drained()
}

// SetWriteDeadline does nothing on an opened wire: a write does not take time.
func (w *wire) SetWriteDeadline(t time.Time) error {
	if w.opened.Load() {
		return nil
	}
	return w.Conn.SetWriteDeadline(t)
}

// SetDeadline sets the deadline for reading only on an opened wire.
func (w *wire) SetDeadline(t time.Time) error {
	if w.opened.Load() {
		return w.SetReadDeadline(t)
	}
	return w.Conn.SetDeadline(t)
}
