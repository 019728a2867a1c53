package mapserver

import (
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

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
