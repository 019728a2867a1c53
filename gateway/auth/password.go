package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// Cost is how much work a password hash is. The zero Cost is what OWASP
// recommends for argon2id: 19 MiB, 2 passes, 1 thread.
type Cost struct {
	// MemoryKiB is the memory of one hash.
	MemoryKiB uint32
	Passes    uint32
	// Parallel hashes are computed at the same time, 2 by default; with
	// MemoryKiB it bounds what sign-ins can take of the machine.
	Parallel int
	// Queue is how many more may wait, 1024 by default: about 20 s of work.
	Queue int
}

const (
	saltBytes = 16
	hashBytes = 32
	// Bounds for the parameters of stored hashes.
	maxMemoryKiB = 1 << 20
	maxPasses    = 100
)

// errBusy: too many wait for their password to be hashed.
var errBusy = errors.New("too many sign-ins at once")

// passwords hashes and verifies, a few at a time.
type passwords struct {
	cost    Cost
	running chan struct{}
	waiting atomic.Int64
	// nobody is a hash that no password has: verifying against it takes as long
	// as against a real one, so the time does not tell which logins exist.
	nobody string
}

func newPasswords(c Cost) (*passwords, error) {
	if c.MemoryKiB == 0 {
		c.MemoryKiB = 19 << 10
	}
	if c.Passes == 0 {
		c.Passes = 2
	}
	c.Parallel, c.Queue = orDefault(c.Parallel, 2), orDefault(c.Queue, 1024)
	if c.MemoryKiB > maxMemoryKiB || c.Passes > maxPasses || c.Parallel < 0 || c.Queue < 0 {
		return nil, fmt.Errorf("the cost of password hashes is out of bounds: at most %d KiB and %d passes", maxMemoryKiB, maxPasses)
	}
	p := &passwords{cost: c, running: make(chan struct{}, c.Parallel)}
	var err error
	p.nobody, err = p.hash(context.Background(), rand.Text())
	return p, err
}

// hash returns a salted hash of password in PHC form.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	if err := p.enter(ctx); err != nil {
		return "", err
	}
	defer p.leave()
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	sum := argon2.IDKey([]byte(password), salt, p.cost.Passes, p.cost.MemoryKiB, 1, hashBytes)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s",
		argon2.Version, p.cost.MemoryKiB, p.cost.Passes, encode(salt), encode(sum)), nil
}

// verify tells whether hash, in PHC form, is of password.
func (p *passwords) verify(ctx context.Context, hash, password string) (bool, error) {
	stored, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	if err := p.enter(ctx); err != nil {
		return false, err
	}
	defer p.leave()
	sum := argon2.IDKey([]byte(password), stored.salt, stored.passes, stored.memory, stored.threads, uint32(len(stored.sum)))
	return subtle.ConstantTimeCompare(sum, stored.sum) == 1, nil
}

func (p *passwords) enter(ctx context.Context) error {
	if p.waiting.Add(1) > int64(p.cost.Queue+p.cost.Parallel) {
		p.waiting.Add(-1)
		return errBusy
	}
	select {
	case p.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		p.waiting.Add(-1)
		return errBusy
	}
}

func (p *passwords) leave() {
	<-p.running
	p.waiting.Add(-1)
}

// phc is a parsed hash.
type phc struct {
	memory, passes uint32
	threads        uint8
	salt, sum      []byte
}

var errNotPHC = errors.New("the stored password is not an argon2id hash")

func parsePHC(text string) (phc, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errNotPHC
	}
	var h phc
	if n, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.threads); err != nil || n != 3 {
		return phc{}, errNotPHC
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(fields[4]); err != nil {
		return phc{}, errNotPHC
	}
	if h.sum, err = base64.RawStdEncoding.DecodeString(fields[5]); err != nil || !h.inBounds() {
		return phc{}, errNotPHC
	}
	return h, nil
}

func (h phc) inBounds() bool {
	cost := h.memory <= maxMemoryKiB && h.passes >= 1 && h.passes <= maxPasses && h.threads >= 1
	return cost && len(h.salt) >= 8 && len(h.sum) >= 16 && len(h.sum) <= 64
}
