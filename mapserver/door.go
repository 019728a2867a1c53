package mapserver

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/overworld-gg/overworld/mapserver/keeper"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// What a map remembers of used tokens: for longer than any token is good for, a
// benchmark's too. tokenLeeway is by how much clocks may differ.
const (
	tokensKept  = 100_000
	tokenMemory = 15 * time.Minute
	tokenLeeway = 2 * time.Second
)

// NewGate returns the door of a map, which lets in whoever has a token that is
// signed with one of the keys.
func NewGate(mapID string, keys map[string]ed25519.PublicKey) *token.Gate {
	return &token.Gate{
		Map:      mapID,
		Verifier: token.NewVerifier(keys, tokenLeeway),
		Spender:  token.NewSpender(tokensKept, tokenMemory),
	}
}

// keysEvery is how often a map asks for the public keys again. The gateway
// publishes a new key for longer than that before it signs with it.
const keysEvery = time.Minute

// OpenGate is NewGate with the keys of the gateway. It waits for them, and reads
// them again every now and then until ctx is done.
func OpenGate(ctx context.Context, c keeper.Config, log *slog.Logger) (*token.Gate, error) {
	client, err := keeper.New(c)
	if err != nil {
		return nil, err
	}
	var keys map[string]ed25519.PublicKey
	err = patiently(ctx, log, func() error {
		keys, err = readKeys(ctx, client)
		return err
	})
	if err != nil {
		return nil, err
	}
	gate := NewGate(c.Map, keys)
	go refreshKeys(ctx, gate, client, log)
	return gate, nil
}

func readKeys(ctx context.Context, client *keeper.Client) (map[string]ed25519.PublicKey, error) {
	text, err := client.Keys(ctx)
	if err != nil {
		return nil, err
	}
	return token.DecodeSet(text)
}

// refreshKeys ends with ctx.
func refreshKeys(ctx context.Context, gate *token.Gate, client *keeper.Client, log *slog.Logger) {
	ticker := time.NewTicker(keysEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if keys, err := readKeys(ctx, client); err == nil {
			gate.Verifier.SetKeys(keys)
		} else if ctx.Err() == nil {
			log.Warn("the public keys stay as they were", slog.Any("error", err))
		}
	}
}

// patiently calls f until it succeeds or fails for good. A keeper that does not
// know the map's key yet is about to hear of it from the operator.
func patiently(ctx context.Context, log *slog.Logger, f func() error) error {
	const pause, introduction = time.Second / 2, 30 * time.Second
	begin, told := time.Now(), ""
	for {
		err := f()
		unknown := errors.Is(err, keeper.ErrUnauthorized) && time.Since(begin) < introduction
		if err == nil || (!keeper.Retryable(err) && !unknown) {
			return err
		}
		if told != err.Error() {
			told = err.Error()
			log.Warn("waiting for the keeper", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// Certificate reads a certificate and its key from PEM files, nil for no files.
func Certificate(cert, key string) (*tls.Config, error) {
	if (cert == "") != (key == "") {
		return nil, errors.New("a certificate and its key must be given together: --tls-cert and --tls-key")
	}
	if cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}
