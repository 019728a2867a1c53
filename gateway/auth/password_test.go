package auth

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

func TestPasswordHash(t *testing.T) {
	p, err := newPasswords(Cost{})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := p.hash(t.Context(), "пароль1")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("hash is %q, %v", hash, err)
	}
	if again, _ := p.hash(t.Context(), "пароль1"); again == hash {
		t.Error("two hashes of a password are equal: the salt is missing")
	}
	for password, want := range map[string]bool{"пароль1": true, "пароль2": false, "": false} {
		if got, err := p.verify(t.Context(), hash, password); got != want || err != nil {
			t.Errorf("verifying %q: %v, %v; want %v", password, got, err, want)
		}
	}
	if ok, err := p.verify(t.Context(), p.nobody, ""); ok || err != nil {
		t.Errorf("nobody's password is empty: %v", err)
	}
}

// Hashes of another cost, or of another program, verify.
func TestForeignHash(t *testing.T) {
	p, err := newPasswords(cheap)
	if err != nil {
		t.Fatal(err)
	}
	// Of the argon2 command's own tests: password "password", salt "somesalt".
	const hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, err := p.verify(t.Context(), hash, "password"); !ok || err != nil {
		t.Errorf("verifying: %v, %v", ok, err)
	}
}

func TestBrokenHashes(t *testing.T) {
	const salt, sum = "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for _, hash := range []string{
		"", "secret", "$2y$10$abc", "$argon2i$v=19$m=256,t=2,p=1$" + salt + "$" + sum, "$argon2id$v=18$m=256,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=2$" + salt + "$" + sum, "$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=4000000000,t=2,p=1$" + salt + "$" + sum, "$argon2id$v=19$m=256,t=2,p=1$!$" + sum,
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$!", "$argon2id$v=19$m=256,t=2,p=1$$" + sum, "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$",
	} {
		if h, err := parsePHC(hash); err == nil {
			t.Errorf("%q was accepted: %+v", hash, h)
		}
	}
}

func TestCostOutOfBounds(t *testing.T) {
	for _, c := range []Cost{{MemoryKiB: 2 << 20}, {Passes: 101}, {Parallel: -1}, {Queue: -1}} {
		if _, err := newPasswords(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

// With all places taken and the queue full, players are told to come back.
func TestTooManySignIns(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Cost = Cost{MemoryKiB: 8, Passes: 1, Parallel: 1, Queue: 1} })
	r.register("anna")
	p := r.handler.passwords
	if err := p.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() { waits <- p.enter(gone) }()
	for p.waiting.Load() < 2 {
		runtime.Gosched()
	}
	a := r.post(signInPaths[0], "login", "anna", "password", "secret1")
	r.want("queue is full", a, http.StatusServiceUnavailable, "too many players sign in at this moment, try again in 5 s")
	a = r.post(registerPaths[0], "login", "boris", "password", "secret1")
	r.want("queue is full", a, http.StatusServiceUnavailable, "too many players sign in at this moment, try again in 5 s")
	leave()
	if err := <-waits; err == nil {
		t.Error("who has gone was let in")
	}
	p.leave()
	if a := r.post(signInPaths[0], "login", "anna", "password", "secret1"); a.status != http.StatusOK || p.waiting.Load() != 0 {
		t.Errorf("afterwards: %d %s, %d waiting", a.status, a.body, p.waiting.Load())
	}
}
