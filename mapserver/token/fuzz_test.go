package token

import (
	"errors"
	"testing"
)

func FuzzParseQuery(f *testing.F) {
	f.Add("HTTP_AUTHORIZATION=MjQ6dG9rZW4=")
	f.Add("a=b&HTTP_AUTHORIZATION=MjQ6Pj4%2BPz8_fn5-bw")
	f.Add("HTTP_AUTHORIZATION=%zz&HTTP_AUTHORIZATION=")
	f.Fuzz(func(t *testing.T, query string) {
		c, err := ParseQuery(query)
		var refusal *Refusal
		switch {
		case err != nil && !errors.As(err, &refusal):
			t.Errorf("%q: %v is not a refusal", query, err)
		case err != nil && c != (Credentials{}):
			t.Errorf("%q: credentials beside an error", query)
		case err == nil && (c.Player < 1 || c.Token == "" || len(c.Token) > MaxLength):
			t.Errorf("%q: %+v", query, c)
		}
	})
}

func FuzzVerify(f *testing.F) {
	signed, err := signer(f, 1).Sign(Claims{Player: 24, Login: "a", Map: "m", ID: "1"}, start)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	v := NewVerifier(Keys(public(seededKey(1))), 0)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := v.Verify(text, start)
		if err == nil && (c.Player != 24 || c.ID != "1" || c.Map != "m") {
			t.Errorf("forged %q: %+v", text, c)
		}
		var refusal *Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Errorf("%q: %v is not a refusal", text, err)
		}
	})
}
