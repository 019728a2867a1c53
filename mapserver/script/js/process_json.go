package js

import (
	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// checkParse bounds the text and the nesting of what JSON.parse reads.
func checkParse(n *processNative, call *goja.FunctionCall) {
	text := processText(call.Argument(0))
	if text.Length() > processJSON {
		n.g.condemn(script.Timeout)
	}
	set(call, 0, text)
	if depth := processDepth(text.String()); depth > processNesting {
		panic(n.rangeError("JSON text nests too deep"))
	}
}

// processDepth is how deep brackets nest in a JSON text.
func processDepth(s string) int {
	depth, most, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			most = max(most, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	return most
}

// processStringify counts what JSON.stringify writes, as its replacer.
type processStringify struct {
	n       *processNative
	replace goja.Callable
	only    map[string]bool // keys to write, nil for all
	indent  int64
	within  []*goja.Object
}

// checkStringify puts a counting replacer in front of the script's own one.
func checkStringify(n *processNative, call *goja.FunctionCall) {
	if s, ok := call.Argument(0).(goja.String); ok {
		n.g.reserve(int64(s.Length()))
	}
	if _, ok := call.Argument(0).(*goja.Object); !ok {
		return
	}
	s := &processStringify{n: n, indent: 10}
	if goja.IsUndefined(call.Argument(2)) {
		s.indent = 0
	}
	s.replace, _ = goja.AssertFunction(call.Argument(1))
	if list, ok := call.Argument(1).(*goja.Object); ok && s.replace == nil && list.ClassName() == "Array" {
		_, length := n.steady(list, processArguments)
		s.only = map[string]bool{}
		for i := range length {
			s.only[list.Get(processIndex(i)).String()] = true
		}
	}
	args := make([]goja.Value, 3)
	args[0], args[1], args[2] = call.Argument(0), n.vm.ToValue(s.write), call.Argument(2)
	call.Arguments = args
}

func (s *processStringify) write(call goja.FunctionCall) goja.Value {
	key, v := call.Argument(0), call.Argument(1)
	holder, _ := call.This.(*goja.Object)
	s.n.g.tick()
	if s.replace != nil {
		replaced, err := s.replace(call.This, key, v)
		if err != nil {
			panic(err)
		}
		v = replaced
	}
	if s.only != nil && len(s.within) > 0 && holder != nil && holder.ClassName() != "Array" && !s.only[key.String()] {
		return goja.Undefined()
	}
	for len(s.within) > 0 && s.within[len(s.within)-1] != holder {
		s.within = s.within[:len(s.within)-1]
	}
	s.n.g.reserve(16 + s.indent*int64(len(s.within)))
	switch x := v.(type) {
	case goja.String:
		s.n.g.reserve(int64(x.Length()))
	case *goja.Object:
		s.enter(x)
	}
	return v
}

// enter notes an object whose fields come next.
func (s *processStringify) enter(obj *goja.Object) {
	if obj.ClassName() == "Array" {
		_, length := s.n.steady(obj, processSlots)
		s.n.g.reserve(length)
	}
	if len(s.within) > processNesting {
		panic(s.n.rangeError("Maximum call stack size exceeded"))
	}
	s.within = append(s.within, obj)
}
