package js

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// processSlots is how many elements a built-in function may walk over: it takes
	// tens of nanoseconds for each, and sees no interrupt.
	processSlots = 1 << 21
	// processSorted is how many it may sort.
	processSorted = 1 << 18
	// processArguments is how many arguments apply may give.
	processArguments = 1 << 16
	// processPattern bounds the text of a regular expression, processDigits that of
	// a BigInt, and processJSON a text to parse.
	processPattern = 1 << 16
	processDigits  = 10_000
	processJSON    = 8 << 20
	// processNesting is how deep JSON may nest.
	processNesting = 1000
	// processMatch is how long one match of a regular expression may backtrack.
	processMatch = 100 * time.Millisecond
)

//go:embed node/guard.js
var processGuardSource []byte

// processPrepare is done once for all runtimes: goja leaves the time of regular
// expressions to their library's default.
var processPrepare = sync.OnceValues(func() (*goja.Program, error) {
	regexp2.DefaultMatchTimeout = processMatch
	return processCompile(nodeInternal+"guard.js", processGuardSource, "wrap, construct, evaluate")
})

// processGuardBuiltins puts counted functions in the place of the built-in ones.
func processGuardBuiltins(vm *goja.Runtime, g *processGuard, evaluate func(string, []string, string) (goja.Value, error)) error {
	program, err := processPrepare()
	if err != nil {
		return err
	}
	v, err := vm.RunProgram(program)
	if err != nil {
		return err
	}
	n := &processNative{vm: vm, g: g}
	describe := vm.GlobalObject().Get("Object").(*goja.Object).Get("getOwnPropertyDescriptor")
	n.describe, _ = describe.Export().(func(goja.FunctionCall) goja.Value)
	install, _ := goja.AssertFunction(v)
	_, err = install(goja.Undefined(), vm.ToValue(n.wrap), vm.ToValue(n.construct), vm.ToValue(func(call goja.FunctionCall) goja.Value {
		var params []string
		if err := vm.ExportTo(call.Argument(1), &params); err != nil {
			panic(vm.NewTypeError("%s", err.Error()))
		}
		made, err := evaluate(call.Argument(0).String(), params, call.Argument(2).String())
		if err != nil {
			panic(processThrown(vm, err))
		}
		return made
	}))
	return err
}

// processNative makes what stands for built-in functions.
type processNative struct {
	vm       *goja.Runtime
	g        *processGuard
	describe func(goja.FunctionCall) goja.Value
}

// processCheck looks at a call before it is done, and may change it.
type processCheck func(n *processNative, call *goja.FunctionCall)

// processQuick are functions that need no counting: they return no objects, and take
// time in proportion to what is there already.
func processQuick(path string) bool {
	if strings.HasPrefix(path, "Math.") || strings.HasPrefix(path, "Number.") || strings.HasPrefix(path, "Date.prototype.get") {
		return true
	}
	switch path {
	case "Array.isArray", "Object.prototype.hasOwnProperty", "Object.is", "String.prototype.charCodeAt", "String.prototype.charAt",
		"String.prototype.codePointAt", "String.prototype.slice", "String.prototype.substring", "String.prototype.indexOf",
		"String.prototype.includes", "String.prototype.startsWith", "String.prototype.endsWith", "String.prototype.trim",
		"String.prototype.toLowerCase", "String.prototype.toUpperCase", "Map.prototype.has", "Set.prototype.has":
		return true
	}
	return false
}

// wrap returns the function that stands for a built-in one.
func (n *processNative) wrap(call goja.FunctionCall) goja.Value {
	original, path := call.Argument(0).(*goja.Object), call.Argument(1).String()
	raw, ok := original.Export().(func(goja.FunctionCall) goja.Value)
	if !ok || processQuick(path) {
		return original
	}
	check := processCheckFor(path)
	if processMatches(path) {
		raw = n.matching(raw)
	}
	made := n.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		n.enter()
		defer n.leave()
		if check != nil {
			check(n, &call)
		}
		return raw(call)
	}).(*goja.Object)
	for _, key := range []string{"name", "length"} {
		_ = made.DefineDataProperty(key, original.Get(key), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	return made
}

// processMatches tells that a function may try a regular expression.
func processMatches(path string) bool {
	switch path {
	case "String.prototype.replace", "String.prototype.replaceAll", "String.prototype.split",
		"String.prototype.match", "String.prototype.matchAll", "String.prototype.search":
		return true
	}
	return strings.HasPrefix(path, "RegExp.prototype.") || strings.HasPrefix(path, "Iterator.")
}

// matching ends calls whose matches were given up: goja takes those for misses.
func (n *processNative) matching(raw func(goja.FunctionCall) goja.Value) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		started := time.Now()
		v := raw(call)
		if time.Since(started) >= processMatch {
			n.g.condemn(script.Timeout)
		}
		return v
	}
}

func (n *processNative) enter() {
	n.g.tick()
	if n.g.natives++; n.g.natives > processNatives {
		n.g.natives--
		panic(n.rangeError("Maximum call stack size exceeded"))
	}
}

func (n *processNative) leave() { n.g.natives-- }

func (n *processNative) rangeError(text string) goja.Value {
	obj, err := n.vm.New(n.vm.Get("RangeError"), n.vm.ToValue(text))
	if err != nil {
		return n.vm.NewTypeError("%s", text)
	}
	return obj
}

// processConstructors are the constructors that need a check: those that make things
// of a size, and those that can be called without new.
var processConstructors = map[string]processCheck{
	"Array": checkArray, "ArrayBuffer": checkBuffer, "RegExp": checkPattern, "Object": nil,
	"Error": nil, "TypeError": nil, "RangeError": nil, "SyntaxError": nil, "ReferenceError": nil, "EvalError": nil,
	"URIError": nil, "AggregateError": nil, "Proxy": checkProxy,
	"Uint8Array": checkBuffer, "Uint8ClampedArray": checkBuffer, "Int8Array": checkBuffer, "Uint16Array": checkBuffer,
	"Int16Array": checkBuffer, "Uint32Array": checkBuffer, "Int32Array": checkBuffer, "Float32Array": checkBuffer,
	"Float64Array": checkBuffer, "BigInt64Array": checkBuffer, "BigUint64Array": checkBuffer,
}

// construct returns what stands for a constructor.
func (n *processNative) construct(call goja.FunctionCall) goja.Value {
	original := call.Argument(0).(*goja.Object)
	path := call.Argument(1).String()
	check, listed := processConstructors[path]
	callable := check == nil || path == "Array" || path == "RegExp"
	if !listed {
		return original
	}
	makes, _ := goja.AssertConstructor(original)
	calls, _ := original.Export().(func(goja.FunctionCall) goja.Value)
	return n.vm.ToValue(func(call goja.ConstructorCall) *goja.Object {
		n.enter()
		defer n.leave()
		c := goja.FunctionCall{This: goja.Undefined(), Arguments: call.Arguments}
		if check != nil {
			check(n, &c)
		}
		if call.NewTarget == nil && callable && calls != nil {
			return calls(c).(*goja.Object) // new or not, it is the same
		}
		made, err := makes(call.NewTarget, c.Arguments...)
		if err != nil {
			panic(err)
		}
		return made
	})
}

// steady returns the length of an array-like object. One whose length may change
// between two looks is replaced by one with a length that does not.
func (n *processNative) steady(v goja.Value, limit int64) (goja.Value, int64) {
	obj, ok := v.(*goja.Object)
	if !ok {
		if s, ok := v.(goja.String); ok {
			return v, int64(s.Length())
		}
		return v, 0
	}
	proxied := processIsProxy(obj)
	length := int64(0)
	if f := obj.Get("length"); f != nil {
		length = f.ToInteger()
	}
	if length > limit {
		n.g.condemn(script.Timeout)
	}
	if !proxied && (obj.ClassName() == "Array" || n.data(obj, "length")) {
		return v, length
	}
	if _, binary := processBytes(obj); binary {
		return v, length
	}
	fixed := n.vm.ToValue(length)
	return n.vm.ToValue(n.vm.NewProxy(obj, &goja.ProxyTrapConfig{
		Get: func(target *goja.Object, key string, receiver goja.Value) goja.Value {
			if key == "length" {
				return fixed
			}
			return target.Get(key)
		},
	})), length
}

// data tells that a property of an object, that is no Proxy, is a plain value.
func (n *processNative) data(obj *goja.Object, key string) bool {
	d, ok := n.describe(goja.FunctionCall{Arguments: []goja.Value{obj, n.vm.ToValue(key)}}).(*goja.Object)
	return ok && d.Get("get") == nil && d.Get("set") == nil
}

func processIndex(i int64) string { return strconv.FormatInt(i, 10) }
