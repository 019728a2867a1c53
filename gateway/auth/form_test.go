package auth

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBodies(t *testing.T) {
	const multi = "--b\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\nанна\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"password\"; filename=\"p\"\r\n\r\nsecret1\r\n--b--\r\n"
	want := form{"login": "анна", "password": "secret1"}
	tests := []struct{ name, kind, body string }{
		{"urlencoded", "application/x-www-form-urlencoded", "login=%D0%B0%D0%BD%D0%BD%D0%B0&password=secret1&login=second"},
		{"urlencoded with charset", "application/x-www-form-urlencoded; charset=UTF-8", "login=анна&password=secret1"},
		{"without type", "", "login=анна&password=secret1"},
		{"broken type", ";;", "login=анна&password=secret1"},
		{"multipart", "multipart/form-data; boundary=b", multi},
		{"json", "application/json", `{"login":"анна","password":"secret1","remember":{"me":true}}`},
		{"json of a page without preflight", "text/plain;charset=UTF-8", ` {"login":"анна","password":"secret1"}`},
	}
	for _, test := range tests {
		got, err := parseForm(test.kind, []byte(test.body))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", test.name, err, diff)
		}
	}
}

func TestFaultyBodies(t *testing.T) {
	r := newRig(t, nil)
	const notForm = "the body is not a form: expected fields as in login=...&password=..., with special characters as %XX"
	const notJSON = `the body is not a JSON object: expected {"login":"...","password":"..."}`
	const notMulti = "the body is not multipart/form-data with the boundary that the Content-Type names"
	tests := []struct {
		name, kind, body string
		status           int
		want             string
	}{
		{"bad escape", "application/x-www-form-urlencoded", "login=%zz", 400, notForm},
		{"broken JSON", "application/json", `{"login":`, 400, notJSON},
		{"JSON list", "application/json", `["anna"]`, 400, notJSON},
		{"JSON null", "application/json", `null`, 400, notJSON},
		{"number", "application/json", `{"login":12345}`, 400, "login must be a text in quotes"},
		{"null", "application/json", `{"login":"anna","password":null}`, 400, "password must be a text in quotes"},
		{"no boundary", "multipart/form-data", "x", 400, "the Content-Type multipart/form-data names no boundary"},
		{"other boundary", "multipart/form-data; boundary=a", "--b\r\n\r\n", 400, notMulti},
		{"part breaks off", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\nan", 400,
			`the part "login" of the form breaks off before its end`},
		{"too large", "application/json", strings.Repeat(" ", maxBody+1), 413, "the request is larger than 64 KiB"},
	}
	for _, test := range tests {
		req := httptest.NewRequest(http.MethodPost, "/server/signin/auth", strings.NewReader(test.body))
		req.Header.Set("Content-Type", test.kind)
		r.want(test.name, r.send(req), test.status, test.want)
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	r := newRig(t, nil)
	req := httptest.NewRequest(http.MethodPost, "/server/signin/auth", brokenReader{})
	r.want("broken", r.send(req), http.StatusBadRequest, "the request broke off before its end")
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func FuzzParseForm(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", []byte("login=a&password=%41"))
	f.Add("application/json", []byte(`{"login":"a","password":"b"}`))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\na\r\n--b--\r\n"))
	f.Add("text/plain", []byte(" {}"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		fields, err := parseForm(kind, body)
		var refused *refusal
		if err != nil && (!errors.As(err, &refused) || refused.status != http.StatusBadRequest || refused.text == "") {
			t.Errorf("the error %v is not for the client", err)
		}
		total := 0
		for name, text := range fields {
			total += len(name) + len(text)
		}
		if total > len(body) {
			t.Errorf("%d bytes of fields out of %d bytes", total, len(body))
		}
		if _, _, err := credentials(fields); err == nil && (fields["login"] == "" || fields["password"] == "") {
			t.Error("empty credentials were accepted")
		}
	})
}
