package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// form holds the fields of a request by name.
type form map[string]string

// decodeForm reads the body in whichever of the three ways clients send it. What
// stands in the URL is not looked at: URLs end up in logs.
func decodeForm(r *http.Request) (form, error) {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the request is larger than %d KiB", maxBody>>10)
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the request broke off before its end")
	}
	f, err := parseForm(r.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, err
	}
	for name, text := range f {
		if !utf8.ValidString(text) {
			return nil, refuse(http.StatusBadRequest, "%s is not valid UTF-8 text", name)
		}
	}
	return f, nil
}

func parseForm(contentType string, body []byte) (form, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = ""
	}
	switch {
	case kind == "multipart/form-data":
		return parseMultipart(params["boundary"], body)
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		return parseJSON(body)
	case kind == "application/x-www-form-urlencoded":
		return parseURLEncoded(body)
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")):
		// A browser sends text/plain when the page wants to spare the preflight.
		return parseJSON(body)
	default:
		return parseURLEncoded(body)
	}
}

func parseURLEncoded(body []byte) (form, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, refuse(http.StatusBadRequest,
			"the body is not a form: expected fields as in login=...&password=..., with special characters as %%XX")
	}
	f := make(form, len(values))
	for name, texts := range values {
		f[name] = texts[0]
	}
	return f, nil
}

func parseMultipart(boundary string, body []byte) (form, error) {
	if boundary == "" {
		return nil, refuse(http.StatusBadRequest, "the Content-Type multipart/form-data names no boundary")
	}
	fault := refuse(http.StatusBadRequest, "the body is not multipart/form-data with the boundary that the Content-Type names")
	f := make(form)
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && len(f) > 0 {
			return f, nil
		}
		if err != nil {
			return nil, fault
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "the part %q of the form breaks off before its end", part.FormName())
		}
		if _, twice := f[part.FormName()]; !twice {
			f[part.FormName()] = string(text)
		}
	}
}

func parseJSON(body []byte) (form, error) {
	// The decoder would replace what is wrong, and other passwords would be right.
	if !utf8.Valid(body) {
		return nil, refuse(http.StatusBadRequest, "the body is not valid UTF-8 text")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, refuse(http.StatusBadRequest, `the body is not a JSON object: expected {"login":"...","password":"..."}`)
	}
	f := make(form)
	for _, name := range []string{"login", "password", "token", "side"} {
		raw, ok := fields[name]
		if !ok {
			continue
		}
		var text *string
		if json.Unmarshal(raw, &text) != nil || text == nil {
			return nil, refuse(http.StatusBadRequest, "%s must be a text in quotes", name)
		}
		f[name] = *text
	}
	return f, nil
}
