package value

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) Value {
	t.Helper()
	v, err := ParseJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func encode(t *testing.T, v Value) string {
	t.Helper()
	b, err := AppendJSON([]byte("kept"), v)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(string(b), "kept")
}

func TestJSONBothWays(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `-1.5`, `1670069589.9`, `1e+21`, `1e-07`, `9007199254740991`, `""`, `"a\"\\\n\r\t\u0001"`,
		`"\u0416\u20ac\ud83d\ude00"`, `[]`, `[1,[2,{"a":null}]]`, `{}`, `{"b":1,"a":{"c":[]}}`,
	} {
		if got := encode(t, parse(t, text)); got != text {
			t.Errorf("%s comes back as %s", text, got)
		}
	}
}

func TestNumbersInJSON(t *testing.T) {
	for f, want := range map[float64]string{
		math.NaN(): "null", math.Inf(1): "null", 1e15: "1000000000000000", 1e20: "100000000000000000000", 123456789012345: "123456789012345",
		0.1: "0.1", math.Copysign(0, -1): "0", 1e-6: "0.000001",
	} {
		if got := encode(t, FromNumber(f)); got != want {
			t.Errorf("%v is written as %s, want %s", f, got, want)
		}
	}
	if got := encode(t, FromString("a\xffb")); got != `"a\ufffdb"` {
		t.Errorf("bytes that are not UTF-8 are written as %s", got)
	}
}

func TestBadJSON(t *testing.T) {
	for text, want := range map[string]string{
		"":         "the JSON text ends too early (byte 0)",
		"[1,":      "ends too early",
		"1 2":      "more than one JSON value",
		"{1:2}":    "byte",
		"\"\xff\"": "not UTF-8 text",
		strings.Repeat("[", 40) + strings.Repeat("]", 40): "nest deeper than 32 levels",
		strings.Repeat(`{"a":`, 40):                       "nest deeper than 32 levels",
	} {
		if _, err := ParseJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestWhatCannotBeKept(t *testing.T) {
	deep := FromNumber(1)
	for range 40 {
		deep = FromList(deep)
	}
	field := &Dict{}
	field.Set("f", FromRef(t))
	for _, v := range []Value{FromRef(t), FromList(FromRef(t)), FromDict(field), deep} {
		if err := Plain(v); err == nil {
			t.Errorf("%v is plain", v.Kind())
		}
		if b, err := AppendJSON([]byte("kept"), v); err == nil || string(b) != "kept" {
			t.Errorf("%v is written as %s", v.Kind(), b)
		}
	}
	if err := Plain(parse(t, `{"a":[1,{"b":"c"}]}`)); err != nil {
		t.Error(err)
	}
}

func TestEqual(t *testing.T) {
	texts := []string{`null`, `true`, `false`, `0`, `1`, `"1"`, `""`, `[]`, `{}`, `[1]`, `[1,2]`, `{"a":1}`, `{"a":2}`, `{"b":1}`, `{"a":1,"b":2}`}
	for i, a := range texts {
		for j, b := range texts {
			if got := Equal(parse(t, a), parse(t, b)); got != (i == j) {
				t.Errorf("%s equals %s: %v", a, b, got)
			}
		}
	}
	if !Equal(parse(t, `{"a":1,"b":[2]}`), parse(t, `{"b":[2],"a":1}`)) {
		t.Error("the order of fields counts")
	}
	if !Equal(FromRef(t), FromRef(t)) || Equal(FromRef(t), FromRef(&testing.T{})) {
		t.Error("references are not compared by identity")
	}
}

func TestReadingOtherKinds(t *testing.T) {
	s := FromString("x")
	if s.Num() != 0 || s.Bool() || s.Items() != nil || s.Dict() != nil || s.Ref() != nil || FromNumber(1).Str() != "" {
		t.Error("a value reads as another kind")
	}
	for f, want := range map[float64]bool{1: true, -3: true, 1.5: false, 1 << 60: false} {
		if n, ok := FromNumber(f).Integer(); ok != want || ok && float64(n) != f {
			t.Errorf("%v as an integer: %d, %v", f, n, ok)
		}
	}
	if FromDict(nil).Dict().Len() != 0 || (*Dict)(nil).Len() != 0 || !(*Dict)(nil).Get("a").IsNil() {
		t.Error("no table does not read as an empty one")
	}
}

// A table keeps its order, and finds its fields, also beyond the size from which
// it has an index.
func TestDict(t *testing.T) {
	d := &Dict{}
	for i := range 3 * indexFrom {
		d.Set(fmt.Sprint("k", i), FromNumber(float64(i)))
	}
	d.Set("k5", FromString("new"))
	i := 0
	for k, v := range d.All() {
		if k != fmt.Sprint("k", i) || k != "k5" && v.Num() != float64(i) {
			t.Errorf("field %d is %s", i, k)
		}
		i++
	}
	if i != 3*indexFrom || d.Get("k5").Str() != "new" || d.Get("k30").Num() != 30 {
		t.Errorf("%d fields, k5 %v", i, d.Get("k5"))
	}
	if _, ok := d.Lookup("other"); ok {
		t.Error("a field is there that was not set")
	}
}

func TestJSONMarshaler(t *testing.T) {
	type record struct{ V Value }
	b, err := json.Marshal(record{FromList(FromNumber(1))})
	if err != nil || string(b) != `{"V":[1]}` {
		t.Errorf("%s, %v", b, err)
	}
	var r record
	if err := json.Unmarshal(b, &r); err != nil || !Equal(r.V, FromList(FromNumber(1))) {
		t.Errorf("%v, %v", r, err)
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,-2.5e3,"\u20ac",null,true]}`))
	f.Add([]byte(`"\ud800"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseJSON(data)
		if err != nil {
			return
		}
		first, err := AppendJSON(nil, v)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := ParseJSON(first)
		if err != nil || !Equal(v, again) {
			t.Fatalf("%s comes back as %s (%v)", data, first, err)
		}
		for _, c := range first {
			if c >= 0x80 {
				t.Fatalf("%s is not ASCII", first)
			}
		}
	})
}
