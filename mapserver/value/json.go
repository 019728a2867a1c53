package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"
)

// MaxDepth is how deep lists and tables may nest in JSON, both ways.
const MaxDepth = 32

var (
	errDepth = fmt.Errorf("lists and tables nest deeper than %d levels", MaxDepth)
	errRef   = errors.New("an object or a function cannot be put into a packet; send its fields")
)

// AppendJSON appends v as JSON in which every non-ASCII character is \u-escaped:
// the one form that every known client reads correctly from a text frame (see
// docs/protocol.md). NaN and infinities become null. It fails for a value that
// holds a host reference or nests deeper than MaxDepth; dst is then unchanged.
func AppendJSON(dst []byte, v Value) ([]byte, error) {
	out, err := appendValue(dst, v, 0)
	if err != nil {
		return dst, err
	}
	return out, nil
}

func appendValue(dst []byte, v Value, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, errDepth
	}
	switch v.kind {
	case Nil:
		return append(dst, "null"...), nil
	case Bool:
		return strconv.AppendBool(dst, v.num != 0), nil
	case Number:
		return AppendNumber(dst, v.num), nil
	case String:
		return AppendString(dst, v.str), nil
	case List:
		return appendList(dst, v.Items(), depth)
	case Map:
		return appendDict(dst, v.Dict(), depth)
	default:
		return dst, errRef
	}
}

func appendList(dst []byte, items []Value, depth int) ([]byte, error) {
	dst = append(dst, '[')
	var err error
	for i, it := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendValue(dst, it, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendDict(dst []byte, d *Dict, depth int) ([]byte, error) {
	dst = append(dst, '{')
	var err error
	first := true
	for k, it := range d.All() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(AppendString(dst, k), ':')
		if dst, err = appendValue(dst, it, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// AppendNumber appends f in the shortest form that reads back as the same
// number, never with an exponent that a plain integer parser would trip over.
func AppendNumber(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(dst, "null"...)
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.AppendInt(dst, int64(f), 10)
	case math.Abs(f) >= 1e21 || math.Abs(f) < 1e-6:
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	default:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
}

const hex = "0123456789abcdef"

// AppendString appends s as a JSON string of ASCII characters only. Bytes that
// are not UTF-8 become the replacement character.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		if c < utf8.RuneSelf {
			dst = appendEscaped(dst, c)
			i++
		} else {
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = appendRune(dst, r)
			i += n
		}
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	default:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
}

func appendRune(dst []byte, r rune) []byte {
	if r >= 0x10000 { // a surrogate pair
		r -= 0x10000
		dst = appendUnit(dst, 0xd800+r>>10)
		return appendUnit(dst, 0xdc00+r&0x3ff)
	}
	return appendUnit(dst, r)
}

func appendUnit(dst []byte, u rune) []byte {
	return append(dst, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
}

// ParseJSON reads exactly one JSON value. Its errors say what is wrong and at
// which byte.
func ParseJSON(data []byte) (Value, error) {
	if !utf8.Valid(data) {
		return Null, errors.New("not UTF-8 text")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	v, err := parseNext(d, 0)
	if err != nil {
		return Null, jsonError(err, d)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Null, fmt.Errorf("more than one JSON value (byte %d)", d.InputOffset())
	}
	return v, nil
}

func jsonError(err error, d *json.Decoder) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the JSON text ends too early (byte %d)", d.InputOffset())
	}
	return fmt.Errorf("%w (byte %d)", err, d.InputOffset())
}

func parseNext(d *json.Decoder, depth int) (Value, error) {
	if depth > MaxDepth {
		return Null, errDepth
	}
	tok, err := d.Token()
	if err != nil {
		return Null, err
	}
	switch t := tok.(type) {
	case bool:
		return FromBool(t), nil
	case float64:
		return FromNumber(t), nil
	case string:
		return FromString(t), nil
	case json.Delim:
		if t == '[' {
			return parseList(d, depth)
		}
		return parseDict(d, depth)
	default:
		return Null, nil
	}
}

func parseList(d *json.Decoder, depth int) (Value, error) {
	var items []Value
	for d.More() {
		v, err := parseNext(d, depth+1)
		if err != nil {
			return Null, err
		}
		items = append(items, v)
	}
	_, err := d.Token()
	return FromList(items...), err
}

func parseDict(d *json.Decoder, depth int) (Value, error) {
	out := &Dict{}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return Null, err
		}
		v, err := parseNext(d, depth+1)
		if err != nil {
			return Null, err
		}
		out.Set(k.(string), v)
	}
	_, err := d.Token()
	return FromDict(out), err
}

// MarshalJSON makes a Value a json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) { return AppendJSON(nil, v) }

// UnmarshalJSON makes a Value a json.Unmarshaler.
func (v *Value) UnmarshalJSON(data []byte) error {
	got, err := ParseJSON(data)
	*v = got
	return err
}

// Plain tells why v cannot be kept in the world, a packet or the store: because
// it holds a host reference or nests deeper than MaxDepth.
func Plain(v Value) error { return plain(v, 0) }

func plain(v Value, depth int) error {
	if depth > MaxDepth {
		return errDepth
	}
	switch v.kind {
	case List:
		for _, it := range v.Items() {
			if err := plain(it, depth+1); err != nil {
				return err
			}
		}
	case Map:
		for _, it := range v.Dict().All() {
			if err := plain(it, depth+1); err != nil {
				return err
			}
		}
	case Ref:
		return errRef
	}
	return nil
}
