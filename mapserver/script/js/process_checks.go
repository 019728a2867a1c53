package js

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// processCheckFor returns the check of a built-in function, nil if it needs none.
func processCheckFor(path string) processCheck {
	if check, ok := processChecks[path]; ok {
		return check
	}
	if strings.HasPrefix(path, "Array.prototype.") {
		return checkWalk
	}
	return nil
}

var processChecks = map[string]processCheck{
	"Array.prototype.at": nil, "Array.prototype.push": nil, "Array.prototype.pop": nil,
	"Array.prototype.Symbol(Symbol.iterator)": nil, "Array.prototype.values": nil, "Array.prototype.keys": nil, "Array.prototype.entries": nil,
	"Array.prototype.join": checkJoin, "Array.prototype.toString": checkJoin, "Array.prototype.toLocaleString": checkJoin,
	"Array.prototype.concat": checkConcat, "Array.prototype.sort": checkSort, "Array.prototype.toSorted": checkSort,
	"TypedArray.prototype.sort": checkSort, "TypedArray.prototype.toSorted": checkSort,
	"Array.from": checkFirst, "TypedArray.from": checkFirst, "Object.fromEntries": checkFirst,
	"Function.prototype.apply": checkApply, "Reflect.apply": checkApply2, "Reflect.construct": checkApply,
	"String.prototype.repeat": checkRepeat, "String.prototype.padStart": checkPad, "String.prototype.padEnd": checkPad,
	"String.prototype.concat": checkTexts, "String.prototype.split": checkSplit,
	"String.prototype.replace": checkReplace, "String.prototype.replaceAll": checkReplace,
	"String.prototype.match": checkMatching, "String.prototype.matchAll": checkMatching, "String.prototype.search": checkMatching,
	"RegExp.prototype.exec": checkMatching, "RegExp.prototype.test": checkMatching, "RegExp.prototype.compile": checkPattern,
	"RegExp.prototype.Symbol(Symbol.replace)": checkReplaceBy, "RegExp.prototype.Symbol(Symbol.split)": checkMatching,
	"RegExp.prototype.Symbol(Symbol.match)": checkMatching, "RegExp.prototype.Symbol(Symbol.search)": checkMatching,
	"JSON.stringify": checkStringify, "JSON.parse": checkParse,
	"Object.keys": checkKeys, "Object.values": checkKeys, "Object.entries": checkKeys, "Object.assign": checkKeys,
	"Object.getOwnPropertyNames": checkKeys, "Object.getOwnPropertyDescriptors": checkKeys, "Reflect.ownKeys": checkKeys,
	"Object.freeze": checkKeys, "Object.seal": checkKeys, "Object.isFrozen": checkKeys, "Object.isSealed": checkKeys,
	"BigInt": checkBigInt, "BigInt.asIntN": checkBits, "BigInt.asUintN": checkBits,
	"encodeURIComponent": checkTexts, "encodeURI": checkTexts, "escape": checkTexts,
}

func set(call *goja.FunctionCall, i int, v goja.Value) {
	if i < len(call.Arguments) {
		args := append([]goja.Value(nil), call.Arguments...)
		args[i] = v
		call.Arguments = args
	}
}

func checkWalk(n *processNative, call *goja.FunctionCall) {
	call.This, _ = n.steady(call.This, processSlots)
}

func checkSort(n *processNative, call *goja.FunctionCall) {
	_, length := n.steady(call.This, processSorted)
	n.g.ticks += int(length)
}

func checkFirst(n *processNative, call *goja.FunctionCall) {
	if _, ok := call.Argument(0).(*goja.Object); !ok {
		return
	}
	first, _ := n.steady(call.Argument(0), processSlots)
	if obj := call.Argument(0).(*goja.Object); obj.GetSymbol(goja.SymIterator) == nil {
		set(call, 0, first)
	}
}

func checkApply(n *processNative, call *goja.FunctionCall) { applied(n, call, 1) }

func checkApply2(n *processNative, call *goja.FunctionCall) { applied(n, call, 2) }

func applied(n *processNative, call *goja.FunctionCall, i int) {
	if list, ok := call.Argument(i).(*goja.Object); ok {
		steady, _ := n.steady(list, processArguments)
		set(call, i, steady)
	}
}

// checkJoin adds up the texts of the elements.
func checkJoin(n *processNative, call *goja.FunctionCall) {
	checkWalk(n, call)
	obj, ok := call.This.(*goja.Object)
	if !ok || obj.ClassName() != "Array" {
		return
	}
	length := obj.Get("length").ToInteger()
	total := int64(0)
	if sep := call.Argument(0); !goja.IsUndefined(sep) {
		text := processText(sep)
		set(call, 0, text)
		total = int64(text.Length()) * length
	}
	for i := range length {
		if s, ok := obj.Get(processIndex(i)).(goja.String); ok {
			total += int64(s.Length())
		}
	}
	n.g.reserve(total)
}

func checkConcat(n *processNative, call *goja.FunctionCall) {
	total := int64(0)
	for _, v := range append([]goja.Value{call.This}, call.Arguments...) {
		if _, ok := v.(*goja.Object); ok {
			_, length := n.steady(v, processSlots)
			total += length
		}
	}
	n.g.reserve(total * 16)
}

func checkArray(n *processNative, call *goja.FunctionCall) {
	if len(call.Arguments) == 1 && goja.IsNumber(call.Argument(0)) {
		n.g.reserve(max(call.Argument(0).ToInteger(), 0) * 16 / processTextShare)
	}
}

func checkBuffer(n *processNative, call *goja.FunctionCall) {
	first := call.Argument(0)
	obj, ok := first.(*goja.Object)
	if !ok {
		size := first.ToNumber()
		set(call, 0, size)
		n.g.reserve(max(size.ToInteger(), 0))
		return
	}
	if b, ok := processBytes(obj); ok {
		if obj.ExportType() != processBufferType {
			n.g.reserve(int64(len(b)))
		}
		return
	}
	steady, length := n.steady(first, processSlots)
	n.g.reserve(length)
	if obj.GetSymbol(goja.SymIterator) == nil {
		set(call, 0, steady)
	}
}

func checkBits(n *processNative, call *goja.FunctionCall) {
	bits := call.Argument(0).ToNumber()
	set(call, 0, bits)
	n.g.reserve(bits.ToInteger())
}

func checkBigInt(n *processNative, call *goja.FunctionCall) {
	if s, ok := call.Argument(0).(goja.String); ok && s.Length() > processDigits {
		n.g.condemn(script.Timeout)
	}
}

func checkPattern(n *processNative, call *goja.FunctionCall) {
	if s, ok := call.Argument(0).(goja.String); ok && s.Length() > processPattern {
		n.g.condemn(script.Timeout)
	}
}

// checkProxy keeps a Proxy's trap ownKeys from naming keys without an end.
func checkProxy(n *processNative, call *goja.FunctionCall) {
	handler, ok := call.Argument(1).(*goja.Object)
	if !ok {
		return
	}
	set(call, 1, n.vm.ToValue(n.vm.NewProxy(handler, &goja.ProxyTrapConfig{
		Get: func(target *goja.Object, key string, _ goja.Value) goja.Value {
			v := target.Get(key)
			trap, ok := goja.AssertFunction(v)
			if key != "ownKeys" || !ok {
				return v
			}
			return n.vm.ToValue(func(call goja.FunctionCall) goja.Value {
				keys, err := trap(handler, call.Arguments...)
				if err != nil {
					panic(err)
				}
				keys, _ = n.steady(keys, processArguments)
				return keys
			})
		},
	})))
}

// checkKeys is for functions that make one property of each byte or letter.
func checkKeys(n *processNative, call *goja.FunctionCall) {
	for _, v := range call.Arguments {
		if s, ok := v.(goja.String); ok {
			n.g.reserve(int64(s.Length()) * 16)
		} else if obj, ok := v.(*goja.Object); ok && obj.ExportType() == processBytesType {
			b, _ := processBytes(obj)
			n.g.reserve(int64(len(b)) * 16)
		}
	}
}

// checkMatching is for functions that look for a regular expression in a text.
func checkMatching(n *processNative, call *goja.FunctionCall) {
	for _, v := range []goja.Value{call.This, call.Argument(0)} {
		if s, ok := v.(goja.String); ok {
			n.g.reserve(int64(s.Length()))
		}
	}
}
