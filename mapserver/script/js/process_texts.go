package js

import (
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

func checkRepeat(n *processNative, call *goja.FunctionCall) {
	this, count := processText(call.This), call.Argument(0).ToNumber()
	call.This = this
	set(call, 0, count)
	if times := count.ToInteger(); times > 0 && int64(this.Length()) > 0 {
		if times > n.g.limits.Memory {
			n.g.condemn(script.Memory)
		}
		n.g.reserve(times * int64(this.Length()))
	}
}

func checkPad(n *processNative, call *goja.FunctionCall) {
	length := call.Argument(0).ToNumber()
	set(call, 0, length)
	n.g.reserve(max(length.ToInteger(), 0))
}

// checkTexts adds up the texts that are put together.
func checkTexts(n *processNative, call *goja.FunctionCall) {
	args := append([]goja.Value(nil), call.Arguments...)
	total := int64(0)
	if s, ok := call.This.(goja.String); ok {
		total = int64(s.Length())
	}
	for i, v := range args {
		if _, ok := v.(*goja.Symbol); ok {
			continue // an error
		}
		text := processText(v)
		args[i] = text
		total += int64(text.Length())
	}
	call.Arguments = args
	n.g.reserve(total * 3)
}

// processText is the text of a value, as template literals take it.
func processText(v goja.Value) goja.String {
	if s, ok := v.(goja.String); ok {
		return s
	}
	b := goja.StringBuilder{}
	b.WriteUTF8String(v.String())
	return b.String()
}

func checkSplit(n *processNative, call *goja.FunctionCall) {
	this, ok := call.This.(goja.String)
	sep, plain := call.Argument(0).(goja.String)
	if !ok || !plain || this.Length() < processArguments {
		return
	}
	parts := int64(this.Length())
	if sep.Length() > 0 {
		parts = int64(strings.Count(this.String(), sep.String()))
	}
	n.g.reserve(parts * 4)
}

// checkReplace bounds what replace and replaceAll build of plain texts, and of what a
// function returns. Regular expressions come to checkReplaceBy.
func checkReplace(n *processNative, call *goja.FunctionCall) {
	this, ok := call.This.(goja.String)
	by, plain := call.Argument(1).(goja.String)
	what, text := call.Argument(0).(goja.String)
	if ok && plain && text {
		count := int64(strings.Count(this.String(), what.String()))
		n.g.reserve(processReplaced(this, by, count))
		return
	}
	checkReplacer(n, call)
}

// processReplaced is how long a text may become.
func processReplaced(this, by goja.String, count int64) int64 {
	each := int64(by.Length())
	if dollars := int64(strings.Count(by.String(), "$")); dollars > 0 {
		each += dollars * int64(this.Length())
	}
	return int64(this.Length()) + count*each
}

// checkReplaceBy bounds what a regular expression's replacements build.
func checkReplaceBy(n *processNative, call *goja.FunctionCall) {
	checkMatching(n, call)
	this, ok := call.Argument(0).(goja.String)
	by, plain := call.Argument(1).(goja.String)
	if !ok || !plain {
		checkReplacer(n, call)
		return
	}
	if processReplaced(this, by, int64(this.Length())+1) <= n.g.limits.Memory/processTextShare {
		return
	}
	text := by.String()
	set(call, 1, n.vm.ToValue(func(c goja.FunctionCall) goja.Value {
		return n.vm.ToValue(n.expand(text, c.Arguments))
	}))
	checkReplacer(n, call)
}

// expand fills in what $ stands for.
func (n *processNative) expand(text string, args []goja.Value) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		out.WriteString(before)
		if !found || after == "" {
			if found {
				out.WriteByte('$')
			}
			return out.String()
		}
		digits := 1
		if len(after) > 1 && after[1] >= '0' && after[1] <= '9' {
			digits = 2
		}
		group, err := strconv.Atoi(after[:digits])
		switch {
		case after[0] == '$':
			out.WriteByte('$')
		case after[0] == '&':
			out.WriteString(args[0].String())
		case err == nil && group > 0 && group < len(args)-2:
			if !goja.IsUndefined(args[group]) {
				out.WriteString(args[group].String())
			}
			text = after[digits:]
			continue
		default: // the rest of a long text, many times
			n.g.condemn(script.Memory)
		}
		text = after[1:]
	}
}

// checkReplacer counts what a replacing function returns.
func checkReplacer(n *processNative, call *goja.FunctionCall) {
	fn, ok := goja.AssertFunction(call.Argument(1))
	if !ok {
		return
	}
	set(call, 1, n.vm.ToValue(func(c goja.FunctionCall) goja.Value {
		v, err := fn(c.This, c.Arguments...)
		if err != nil {
			panic(err)
		}
		text := processText(v)
		n.g.tick()
		n.g.reserve(int64(text.Length()))
		return text
	}))
}
