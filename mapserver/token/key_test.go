package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeysRoundTrip(t *testing.T) {
	want := Keys(public(seededKey(1)), public(seededKey(2)))
	text, err := EncodePublic(want)
	if err != nil {
		t.Fatal(err)
	}
	fromPEM, err := DecodePublic(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, fromPEM); diff != "" {
		t.Errorf("PEM: %s", diff)
	}
	set, err := EncodeSet(want)
	if err != nil {
		t.Fatal(err)
	}
	fromSet, err := DecodeSet(set)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, fromSet); diff != "" {
		t.Errorf("set: %s", diff)
	}
}

func TestPrivateRoundTrip(t *testing.T) {
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	text, err := EncodePrivate(key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodePrivate(text)
	if err != nil || !key.Equal(got) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestNewSignerRefusesShortKey(t *testing.T) {
	if _, err := NewSigner(ed25519.PrivateKey("short"), 0); err == nil {
		t.Error("no error")
	}
}

func TestDecodeRefuses(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(ec.Public())
	if err != nil {
		t.Fatal(err)
	}
	private, err := EncodePrivate(seededKey(1))
	if err != nil {
		t.Fatal(err)
	}
	block := func(der []byte) string { return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})) }
	cases := []struct{ name, text, want string }{
		{"nothing", "", "no PEM block"},
		{"rubbish in a block", block([]byte("x")), "block 1"},
		{"another kind of key", block(der), "not an Ed25519 key"},
		{"private key", string(private), "block 1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := DecodePublic([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for _, text := range []string{"", `{"keys":[]}`, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AA"}]}`, `{"keys":[{"kty":"RSA"}]}`} {
		if _, err := DecodeSet([]byte(text)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
	for _, text := range []string{"", block(der)} {
		if _, err := DecodePrivate([]byte(text)); err == nil {
			t.Errorf("private %q: no error", text)
		}
	}
}
