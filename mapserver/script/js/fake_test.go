package js

import (
	"errors"
	"fmt"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// fakeObject is a host object with ordered fields.
type fakeObject struct {
	slot    script.Proxy
	keys    []string
	fields  map[string]value.Value
	methods map[string]*script.Method
	log     []string
}

func newFake(pairs ...any) *fakeObject {
	o := &fakeObject{fields: map[string]value.Value{}, methods: map[string]*script.Method{}}
	for i := 0; i < len(pairs); i += 2 {
		o.put(pairs[i].(string), pairs[i+1].(value.Value))
	}
	return o
}

func (o *fakeObject) put(key string, v value.Value) {
	if _, ok := o.fields[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.fields[key] = v
}

func (o *fakeObject) Proxy() *script.Proxy { return &o.slot }

func (o *fakeObject) Get(key string) (value.Value, error) {
	if m, ok := o.methods[key]; ok {
		return value.FromRef(m), nil
	}
	switch key {
	case "forbidden":
		return value.Null, errors.New("the field 'forbidden' cannot be read")
	case "broken":
		panic("a fault of the host")
	}
	return o.fields[key], nil
}

func (o *fakeObject) Set(key string, v value.Value) error {
	if key == "id" {
		return errors.New("the field 'id' is read-only")
	}
	if v.IsNil() { // as objects[key] = nil does
		o.log = append(o.log, "removed "+key)
		delete(o.fields, key)
		return nil
	}
	o.put(key, v)
	return nil
}

func (o *fakeObject) Next(key string) (string, value.Value, bool) {
	found := key == ""
	for _, k := range o.keys {
		if v, ok := o.fields[k]; ok && found {
			return k, v, true
		}
		found = found || k == key
	}
	return "", value.Null, false
}

// testWorld is an object with two entities in it.
func testWorld() *fakeObject {
	hero := newFake("id", value.FromNumber(7), "x", value.FromNumber(3), "name", value.FromString("Ann"))
	orc := newFake("id", value.FromNumber(8), "x", value.FromNumber(4))
	hero.methods["position"] = script.NewMethod(&script.Function{
		Name: "object.position", Returns: "string",
		Call: func(recv script.Object, _ []value.Value) (value.Value, error) {
			x, err := recv.Get("x")
			return value.FromString(fmt.Sprintf("%g,0,0", x.Num())), err
		},
	}, hero)
	hero.methods["move"] = script.NewMethod(&script.Function{
		Name: "object.move", Params: []script.Param{{Name: "x", Type: "number"}, {Name: "y", Type: "number", Optional: true}},
		Call: func(recv script.Object, args []value.Value) (value.Value, error) {
			return value.Null, recv.Set("x", args[0])
		},
	}, hero)
	return newFake("hero", value.FromRef(hero), "orc", value.FromRef(orc), "1", value.FromString("first"))
}

// testFunctions are the host functions of all tests.
func testFunctions(r *rig) []*script.Function {
	anything := []script.Param{{Name: "v", Type: "any"}}
	return []*script.Function{
		{Name: "host.echo", Params: anything, Call: func(_ script.Object, a []value.Value) (value.Value, error) { return a[0], nil }},
		{Name: "host.json", Params: anything, Call: func(_ script.Object, a []value.Value) (value.Value, error) {
			return value.FromString(render(a[0])), nil
		}},
		{Name: "host.parse", Params: []script.Param{{Name: "json", Type: "string"}}, Call: func(_ script.Object, a []value.Value) (value.Value, error) {
			return value.ParseJSON([]byte(a[0].Str()))
		}},
		{Name: "host.fail", Call: func(script.Object, []value.Value) (value.Value, error) {
			return value.Null, errors.New("the host says no")
		}},
		{Name: "host.panic", Call: func(script.Object, []value.Value) (value.Value, error) { panic("a fault of the host") }},
		{Name: "host.run", Params: []script.Param{{Name: "source", Type: "string"}}, Call: func(_ script.Object, a []value.Value) (value.Value, error) {
			return r.do("nested.js", a[0].Str(), script.Var{Name: "value", Value: value.FromNumber(5)})
		}},
	}
}
