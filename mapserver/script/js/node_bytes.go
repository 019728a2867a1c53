package js

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/dop251/goja"
)

// nodeEncodings are the names of texts' encodings in the form that is used here.
var nodeEncodings = map[string]string{
	"utf8": "utf8", "utf-8": "utf8", "hex": "hex", "base64": "base64", "base64url": "base64url", "ascii": "ascii",
	"latin1": "latin1", "binary": "latin1", "ucs2": "utf16le", "ucs-2": "utf16le", "utf16le": "utf16le", "utf-16le": "utf16le",
}

// bytesBinding are the functions behind Buffer.
func (p *process) bytesBinding(set func(string, func(goja.FunctionCall) goja.Value)) {
	set("encoding", func(call goja.FunctionCall) goja.Value {
		name, ok := nodeEncodings[strings.ToLower(call.Argument(0).String())]
		if !ok {
			return goja.Undefined()
		}
		return p.vm.ToValue(name)
	})
	set("decode", func(call goja.FunctionCall) goja.Value { // text to bytes
		p.guard.reserve(int64(processText(call.Argument(0)).Length()) * 2)
		b := nodeDecode(processText(call.Argument(0)), call.Argument(1).String())
		return p.vm.ToValue(p.vm.NewArrayBuffer(b))
	})
	set("encode", func(call goja.FunctionCall) goja.Value { // bytes to text
		b := nodeSpan(call.Argument(0), call.Argument(2), call.Argument(3))
		p.guard.reserve(int64(len(b)) * 2)
		return nodeEncode(p.vm, b, call.Argument(1).String())
	})
	set("alloc", func(call goja.FunctionCall) goja.Value {
		n := call.Argument(0).ToInteger()
		p.guard.reserve(n)
		return p.vm.ToValue(p.vm.NewArrayBuffer(make([]byte, n)))
	})
	set("compare", func(call goja.FunctionCall) goja.Value {
		a, _ := processBytes(call.Argument(0))
		b, _ := processBytes(call.Argument(1))
		return p.vm.ToValue(bytes.Compare(a, b))
	})
	set("find", func(call goja.FunctionCall) goja.Value { // (in, what, from, last)
		in, _ := processBytes(call.Argument(0))
		what, _ := processBytes(call.Argument(1))
		return p.vm.ToValue(nodeFind(in, what, int(call.Argument(2).ToInteger()), call.Argument(3).ToBoolean()))
	})
	set("fill", func(call goja.FunctionCall) goja.Value {
		in := nodeSpan(call.Argument(0), call.Argument(2), call.Argument(3))
		what, _ := processBytes(call.Argument(1))
		for i := 0; i < len(in) && len(what) > 0; i += copy(in[i:], what) {
		}
		return goja.Undefined()
	})
	set("copy", func(call goja.FunctionCall) goja.Value { // (from, to, at, start, end)
		from := nodeSpan(call.Argument(0), call.Argument(3), call.Argument(4))
		to := nodeSpan(call.Argument(1), call.Argument(2), goja.Undefined())
		return p.vm.ToValue(copy(to, from))
	})
}

// nodeSpan cuts bytes, within their bounds whatever the numbers.
func nodeSpan(v, from, to goja.Value) []byte {
	b, _ := processBytes(v)
	end := min(max(processInteger(to, int64(len(b))), 0), int64(len(b)))
	start := min(max(processInteger(from, 0), 0), end)
	return b[start:end]
}

func nodeFind(in, what []byte, from int, last bool) int {
	if last {
		end := min(max(from+len(what), 0), len(in))
		return bytes.LastIndex(in[:end], what)
	}
	from = min(max(from, 0), len(in))
	if i := bytes.Index(in[from:], what); i >= 0 {
		return from + i
	}
	return -1
}

// nodeUnits are a text's 16-bit units.
func nodeUnits(s goja.String) []uint16 {
	units := make([]uint16, s.Length())
	for i := range units {
		units[i] = s.CharAt(i)
	}
	return units
}

func nodeDecode(s goja.String, encoding string) []byte {
	switch encoding {
	case "hex":
		text := s.String()
		out := make([]byte, hex.DecodedLen(len(text)))
		n, _ := hex.Decode(out, []byte(text[:len(text)&^1]))
		return out[:n]
	case "base64", "base64url":
		return nodeBase64(s.String())
	case "latin1", "ascii":
		out := make([]byte, s.Length())
		for i := range out {
			out[i] = byte(s.CharAt(i))
		}
		return out
	case "utf16le":
		out := make([]byte, 0, 2*s.Length())
		for _, u := range nodeUnits(s) {
			out = append(out, byte(u), byte(u>>8))
		}
		return out
	}
	return []byte(strings.ToValidUTF8(s.String(), "\ufffd"))
}

// nodeBase64 takes both alphabets and skips what is not of them, as Node does.
func nodeBase64(text string) []byte {
	clean := make([]byte, 0, len(text))
	text, _, _ = strings.Cut(text, "=")
	for i := range len(text) {
		switch c := text[i]; {
		case c == '-':
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/':
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, _ := base64.RawStdEncoding.Decode(out, clean)
	return out[:n]
}

func nodeEncode(vm *goja.Runtime, b []byte, encoding string) goja.Value {
	switch encoding {
	case "hex":
		return vm.ToValue(hex.EncodeToString(b))
	case "base64":
		return vm.ToValue(base64.StdEncoding.EncodeToString(b))
	case "base64url":
		return vm.ToValue(base64.RawURLEncoding.EncodeToString(b))
	case "latin1", "ascii":
		runes := make([]rune, len(b))
		for i, c := range b {
			if encoding == "ascii" {
				c &= 0x7f
			}
			runes[i] = rune(c)
		}
		return vm.ToValue(string(runes))
	case "utf16le":
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		return goja.StringFromUTF16(units)
	}
	return vm.ToValue(nodeUTF8(b))
}

// nodeUTF8 reads UTF-8; each wrong part becomes one replacement character.
func nodeUTF8(b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for _, r := range string(b) {
		out.WriteRune(r)
	}
	return out.String()
}

// nodeHash makes a hash by its name, nil when there is none.
func nodeHash(name string) func() hash.Hash {
	switch strings.ToLower(strings.ReplaceAll(name, "-", "")) {
	case "md5":
		return md5.New
	case "sha1", "rsasha1":
		return sha1.New
	case "sha224":
		return sha256.New224
	case "sha256", "rsasha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512", "rsasha512":
		return sha512.New
	}
	return nil
}

// cryptoBinding are the functions behind the module crypto.
func (p *process) cryptoBinding(set func(string, func(goja.FunctionCall) goja.Value)) {
	set("hash", func(call goja.FunctionCall) goja.Value { // (name, key or undefined) to functions
		make := nodeHash(call.Argument(0).String())
		if make == nil {
			return goja.Undefined()
		}
		h := make()
		if key, ok := processBytes(call.Argument(1)); ok {
			h = hmac.New(make, key)
		}
		obj := p.vm.NewObject()
		_ = obj.Set("update", func(call goja.FunctionCall) goja.Value {
			b, _ := processBytes(call.Argument(0))
			p.guard.reserve(int64(len(b)))
			_, _ = h.Write(b)
			return goja.Undefined()
		})
		_ = obj.Set("digest", func(goja.FunctionCall) goja.Value {
			return p.vm.ToValue(p.vm.NewArrayBuffer(h.Sum(nil)))
		})
		return obj
	})
	set("random", func(call goja.FunctionCall) goja.Value {
		n := call.Argument(0).ToInteger()
		p.guard.reserve(n)
		b := make([]byte, n)
		_, _ = rand.Read(b)
		return p.vm.ToValue(p.vm.NewArrayBuffer(b))
	})
	set("same", func(call goja.FunctionCall) goja.Value {
		a, _ := processBytes(call.Argument(0))
		b, _ := processBytes(call.Argument(1))
		return p.vm.ToValue(subtle.ConstantTimeCompare(a, b) == 1)
	})
}
