package token

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func seededKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func signer(t testing.TB, n byte) *Signer {
	t.Helper()
	s, err := NewSigner(seededKey(n), 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t testing.TB, s *Signer, c Claims) string {
	t.Helper()
	text, err := s.Sign(c, start)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSignAndVerify(t *testing.T) {
	want := Claims{Player: 24, Login: "игорь", Map: "default/meadow"}
	v := NewVerifier(Keys(public(seededKey(1)), public(seededKey(2))), 0)
	for _, n := range []byte{1, 2} {
		got, err := v.Verify(sign(t, signer(t, n), want), start.Add(29*time.Second))
		if err != nil {
			t.Fatalf("key %d: %v", n, err)
		}
		want.ID, want.Expires = got.ID, start.Add(DefaultLife)
		if !got.Expires.Equal(want.Expires) || len(got.ID) < 20 {
			t.Errorf("got %+v", got)
		}
		got.Expires = want.Expires
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		want.ID, want.Expires = "", time.Time{}
	}
}

func TestSignMakesUniqueIDs(t *testing.T) {
	s := signer(t, 1)
	c := Claims{Player: 1, Map: "m"}
	first, second := sign(t, s, c), sign(t, s, c)
	if first == second {
		t.Error("two tokens are equal")
	}
}

func TestVerifyRefuses(t *testing.T) {
	s := signer(t, 1)
	good := sign(t, s, Claims{Player: 24, Login: "a", Map: "m"})
	v := NewVerifier(Keys(public(seededKey(1))), 0)
	none := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.RegisteredClaims{Subject: "24", Audience: jwt.ClaimStrings{"m"}, ID: "x",
		ExpiresAt: jwt.NewNumericDate(start.Add(time.Hour))})
	unsigned, err := none.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	hs := jwt.NewWithClaims(jwt.SigningMethodHS256, none.Claims)
	hs.Header["kid"] = s.kid
	confused, err := hs.SignedString([]byte(public(seededKey(1))))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	cases := []struct {
		name, text string
		after      time.Duration
		want       error
	}{
		{"empty", "", 0, ErrMalformed},
		{"no token", "rubbish", 0, ErrMalformed},
		{"long", strings.Repeat("a", MaxLength+1), 0, ErrMalformed},
		{"two parts", parts[0] + "." + parts[1], 0, ErrMalformed},
		{"another token's signature", parts[0] + "." + parts[1] + "." + strings.Split(sign(t, s, Claims{Player: 24, Map: "m"}), ".")[2], 0, ErrSignature},
		{"another key", sign(t, signer(t, 2), Claims{Player: 24, Map: "m"}), 0, ErrSignature},
		{"algorithm none", unsigned, 0, ErrSignature},
		{"public key as secret", confused, 0, ErrSignature},
		{"no player", sign(t, s, Claims{Map: "m"}), 0, ErrMalformed},
		{"no map", sign(t, s, Claims{Player: 1}), 0, ErrMalformed},
		{"within the leeway", good, 31 * time.Second, nil},
		{"expired", good, 33 * time.Second, ErrExpired},
		{"both expired and of another key", sign(t, signer(t, 2), Claims{Player: 24, Map: "m"}), time.Hour, ErrSignature},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := v.Verify(c.text, start.Add(c.after))
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestVerifyWithin(t *testing.T) {
	v := NewVerifier(Keys(public(seededKey(1))), 0)
	text := sign(t, signer(t, 1), Claims{Player: 24, Map: "m"})
	if _, err := v.VerifyWithin(text, start.Add(time.Hour), 2*time.Hour); err != nil {
		t.Errorf("within the grace: %v", err)
	}
	if _, err := v.VerifyWithin(text, start.Add(3*time.Hour), 2*time.Hour); !errors.Is(err, ErrExpired) {
		t.Errorf("after the grace: %v", err)
	}
}

func TestSetKeys(t *testing.T) {
	v := NewVerifier(Keys(public(seededKey(1))), 0)
	text := sign(t, signer(t, 2), Claims{Player: 24, Map: "m"})
	if _, err := v.Verify(text, start); !errors.Is(err, ErrSignature) {
		t.Fatalf("before: %v", err)
	}
	v.SetKeys(Keys(public(seededKey(2))))
	if _, err := v.Verify(text, start); err != nil {
		t.Fatalf("after: %v", err)
	}
}

func TestSpend(t *testing.T) {
	s := NewSpender(2, 0)
	spend := func(id string, at time.Duration) error {
		now := start.Add(at)
		return s.Spend(Claims{ID: id, Expires: start.Add(DefaultLife)}, now)
	}
	steps := []struct {
		id   string
		at   time.Duration
		want error
	}{
		{"a", 0, nil},
		{"a", time.Second, ErrUsed},
		{"b", time.Second, nil},
		{"c", time.Second, ErrCrowded},
		{"a", 32 * time.Second, ErrUsed},
		{"c", 33 * time.Second, nil},
	}
	for i, step := range steps {
		if err := spend(step.id, step.at); !errors.Is(err, step.want) {
			t.Errorf("step %d: got %v, want %v", i, err, step.want)
		}
	}
	if got := s.Len(); got != 1 {
		t.Errorf("%d tokens remembered, want 1", got)
	}
}

func TestSpenderForgets(t *testing.T) {
	s := NewSpender(0, 0)
	for i := range 10_000 {
		now := start.Add(time.Duration(i) * time.Second)
		c := Claims{ID: now.String(), Expires: now.Add(DefaultLife)}
		if err := s.Spend(c, now); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Len(); got > 40 {
		t.Errorf("%d tokens remembered", got)
	}
	if got := cap(s.queue); got > 1000 {
		t.Errorf("the queue has room for %d", got)
	}
}

// odd is a pair whose base64 has + and /, and padding.
const odd = "24:>>>???~~~o"

func TestParseQuery(t *testing.T) {
	std := base64.StdEncoding.EncodeToString([]byte(odd))
	if !strings.ContainsAny(std, "+") || !strings.ContainsAny(std, "/") || !strings.HasSuffix(std, "=") {
		t.Fatalf("%s is not a good example", std)
	}
	want := Credentials{Player: 24, Token: odd[3:]}
	cases := []struct {
		name, query string
		want        Credentials
		err         error
	}{
		{"raw", "HTTP_AUTHORIZATION=" + std, want, nil},
		{"unpadded", "HTTP_AUTHORIZATION=" + strings.TrimRight(std, "="), want, nil},
		{"escaped", "HTTP_AUTHORIZATION=" + url.QueryEscape(std), want, nil},
		{"decoded by a proxy", "HTTP_AUTHORIZATION=" + strings.ReplaceAll(std, "+", "%20"), want, nil},
		{"alphabet for URLs", "HTTP_AUTHORIZATION=" + base64.URLEncoding.EncodeToString([]byte(odd)), want, nil},
		{"between others", "a=b&HTTP_AUTHORIZATION=" + std + "&c", want, nil},
		{"with the scheme", "HTTP_AUTHORIZATION=Basic%20" + std, want, nil},
		{"none", "", Credentials{}, ErrMissing},
		{"another key", "XHTTP_AUTHORIZATION=" + std, Credentials{}, ErrMissing},
		{"empty", "HTTP_AUTHORIZATION=", Credentials{}, ErrMalformed},
		{"bad escape", "HTTP_AUTHORIZATION=%zz", Credentials{}, ErrMalformed},
		{"no base64", "HTTP_AUTHORIZATION=!!!!", Credentials{}, ErrMalformed},
		{"no colon", "HTTP_AUTHORIZATION=" + base64.StdEncoding.EncodeToString([]byte("24")), Credentials{}, ErrMalformed},
		{"no token", "HTTP_AUTHORIZATION=" + base64.StdEncoding.EncodeToString([]byte("24:")), Credentials{}, ErrMalformed},
		{"no number", "HTTP_AUTHORIZATION=" + base64.StdEncoding.EncodeToString([]byte("x:y")), Credentials{}, ErrMalformed},
		{"negative", "HTTP_AUTHORIZATION=" + base64.StdEncoding.EncodeToString([]byte("-1:y")), Credentials{}, ErrMalformed},
		{"long", "HTTP_AUTHORIZATION=" + strings.Repeat("A", 3*MaxLength), Credentials{}, ErrMalformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseQuery(c.query)
			if !errors.Is(err, c.err) {
				t.Fatalf("got error %v, want %v", err, c.err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func request(query, user, password string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/?"+query, nil)
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	return r
}

func TestReadCredentials(t *testing.T) {
	got, err := ReadCredentials(request("x=y", "24", "a:b"))
	if err != nil || got != (Credentials{24, "a:b"}) {
		t.Errorf("basic: got %v, %v", got, err)
	}
	if _, err := ReadCredentials(request("", "", "")); !errors.Is(err, ErrMissing) {
		t.Errorf("nothing: %v", err)
	}
	r := request("", "", "")
	r.Header.Set("Authorization", "Bearer abc")
	if _, err := ReadCredentials(r); !errors.Is(err, ErrMalformed) {
		t.Errorf("bearer: %v", err)
	}
}

func TestGate(t *testing.T) {
	text := sign(t, signer(t, 1), Claims{Player: 24, Login: "a", Map: "m"})
	gate := &Gate{Map: "m", Verifier: NewVerifier(Keys(public(seededKey(1))), 0), Spender: NewSpender(0, 0)}
	claims, err := gate.Verify(request("", "24", text), start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gate.Verify(request("", "25", text), start); !errors.Is(err, ErrOtherPlayer) {
		t.Errorf("another player: %v", err)
	}
	if _, err := gate.Verify(request("", "", ""), start); !errors.Is(err, ErrMissing) {
		t.Errorf("nothing: %v", err)
	}
	other := *gate
	other.Map = "n"
	if _, err := other.Verify(request("", "24", text), start); !errors.Is(err, ErrOtherMap) {
		t.Errorf("another map: %v", err)
	}
	if err := gate.Spend(claims, start); err != nil {
		t.Errorf("first: %v", err)
	}
	if err := gate.Spend(claims, start); !errors.Is(err, ErrUsed) {
		t.Errorf("second: %v", err)
	}
}

func TestRefusalsDiffer(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range Refusals() {
		if seen[r.Reason] || seen[r.Text] || !strings.HasSuffix(r.Error(), ".") {
			t.Errorf("%q: %q", r.Reason, r.Text)
		}
		seen[r.Reason], seen[r.Text] = true, true
	}
}
