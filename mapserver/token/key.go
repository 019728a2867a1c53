package token

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// GenerateKey makes a key to sign with.
func GenerateKey() (ed25519.PrivateKey, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("generating signing key: %w", err)
	}
	return private, nil
}

// KeyID names a key: it is made of the key, so both sides find the same name.
func KeyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// Keys returns the keys by their KeyID, as NewVerifier wants them.
func Keys(public ...ed25519.PublicKey) map[string]ed25519.PublicKey {
	keys := make(map[string]ed25519.PublicKey, len(public))
	for _, key := range public {
		keys[KeyID(key)] = key
	}
	return keys
}

// EncodePublic writes keys as PEM blocks (PKIX), in the order of their names.
func EncodePublic(keys map[string]ed25519.PublicKey) ([]byte, error) {
	var text []byte
	for _, kid := range slices.Sorted(maps.Keys(keys)) {
		der, err := x509.MarshalPKIXPublicKey(keys[kid])
		if err != nil {
			return nil, fmt.Errorf("writing public key %s: %w", kid, err)
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...)
	}
	return text, nil
}

// DecodePublic reads PEM blocks with public keys. There must be at least one
// key, and nothing but Ed25519 keys.
func DecodePublic(text []byte) (map[string]ed25519.PublicKey, error) {
	keys := make(map[string]ed25519.PublicKey)
	for n := 1; ; n++ {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading public keys: block %d: %w", n, err)
		}
		key, ok := parsed.(ed25519.PublicKey)
		if !ok {
			return nil, fmt.Errorf("reading public keys: block %d is a %T, not an Ed25519 key", n, parsed)
		}
		keys[KeyID(key)] = key
	}
	if len(keys) == 0 {
		return nil, errors.New("reading public keys: there is no PEM block of type PUBLIC KEY")
	}
	return keys, nil
}

// EncodePrivate writes key as a PEM block (PKCS #8).
func EncodePrivate(key ed25519.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("writing signing key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// DecodePrivate reads a PEM block with a private key.
func DecodePrivate(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("reading signing key: there is no PEM block of type PRIVATE KEY")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading signing key: %w", err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("reading signing key: this is a %T, not an Ed25519 key", parsed)
	}
	return key, nil
}

// jwk is a public key in the form of RFC 8037.
type jwk struct {
	Type  string `json:"kty"`
	Curve string `json:"crv"`
	ID    string `json:"kid"`
	X     string `json:"x"`
}

type jwkSet struct {
	Keys []jwk `json:"keys"`
}

// EncodeSet writes keys as a JSON Web Key Set.
func EncodeSet(keys map[string]ed25519.PublicKey) ([]byte, error) {
	set := jwkSet{Keys: []jwk{}}
	for _, kid := range slices.Sorted(maps.Keys(keys)) {
		x := base64.RawURLEncoding.EncodeToString(keys[kid])
		set.Keys = append(set.Keys, jwk{Type: "OKP", Curve: "Ed25519", ID: kid, X: x})
	}
	return json.Marshal(set)
}

// DecodeSet reads a JSON Web Key Set. Keys of other kinds are passed over, as
// the standard asks; there must be at least one Ed25519 key.
func DecodeSet(text []byte) (map[string]ed25519.PublicKey, error) {
	var set jwkSet
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("reading key set: %w", err)
	}
	keys := make(map[string]ed25519.PublicKey)
	for _, k := range set.Keys {
		if k.Type != "OKP" || k.Curve != "Ed25519" {
			continue
		}
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("reading key set: key %q: x must be the base64url of %d bytes", k.ID, ed25519.PublicKeySize)
		}
		keys[k.ID] = x
	}
	if len(keys) == 0 {
		return nil, errors.New("reading key set: there is no Ed25519 key in it")
	}
	return keys, nil
}
