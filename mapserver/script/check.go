package script

import (
	"fmt"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// check compares args with the declared parameters and fills up with nil.
func (f *Function) check(args []value.Value) ([]value.Value, error) {
	if len(args) > len(f.Params) {
		args = args[:len(f.Params)] // as Lua and JavaScript do
	}
	for i, p := range f.Params {
		if i >= len(args) {
			args = append(args, value.Null)
		}
		if err := p.check(args[i]); err != nil {
			return nil, fmt.Errorf("%s: argument %d (%s): %w", f.Name, i+1, p.Name, err)
		}
	}
	return args, nil
}

func (p Param) check(v value.Value) error {
	if v.IsNil() {
		if p.Optional || p.Type == "any" {
			return nil
		}
		return fmt.Errorf("%s expected, got nothing", p.Type)
	}
	ok := true
	switch p.Type {
	case "number":
		ok = v.Kind() == value.Number
	case "string":
		ok = v.Kind() == value.String
	case "boolean":
		ok = v.Kind() == value.Bool
	case "table":
		ok = v.Kind() == value.Map || v.Kind() == value.List || v.Kind() == value.Ref
	}
	if !ok {
		return fmt.Errorf("%s expected, got %s", p.Type, v.Kind())
	}
	return nil
}
