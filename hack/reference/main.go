// Command reference writes what the table of functions says: the page
// docs/scripting.md, and the annotations with which editors complete and check
// scripts. Run it from the module's folder: go run ./hack/reference
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/overworld-gg/overworld/mapserver/native"
	"github.com/overworld-gg/overworld/mapserver/script"
)

//go:embed scripting.md
var page string

//go:embed overworld.lua
var luaHead string

//go:embed overworld.d.ts
var tsHead string

func main() {
	if err := write("docs"); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	functions := slices.Concat(native.Functions(), script.Builtins(time.Now))
	for name, text := range map[string]string{
		"scripting.md":             strings.Replace(page, "<!-- functions -->", markdown(functions), 1),
		"scripting/overworld.lua":  annotations(functions),
		"scripting/overworld.d.ts": declarations(functions),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// groups are the functions by what they are called on, in the order of the page.
var groups = []struct{ prefix, title string }{
	{"objects.", "objects"},
	{"object.", "An entity"},
	{"object.events.", "object.events"},
	{"event.", "object.events[group]"},
	{"map.", "map"},
	{"", "Global functions"},
}

// groupOf is the group of a function: the longest prefix that its name has and
// that leaves no dot.
func groupOf(name string) string {
	return name[:strings.LastIndexByte(name, '.')+1]
}

func markdown(functions []*script.Function) string {
	var b bytes.Buffer
	for _, g := range groups {
		_, _ = fmt.Fprintf(&b, "### %s\n\n", g.title)
		for _, f := range functions {
			if groupOf(f.Name) == g.prefix {
				section(&b, f)
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

func section(b *bytes.Buffer, f *script.Function) {
	_, _ = fmt.Fprintf(b, "#### `%s(%s)`\n\n%s", callName(f), signature(f), f.Doc)
	if f.Returns != "" {
		_, _ = fmt.Fprintf(b, " Returns %s.", strings.Replace(f.Returns, ": ", ", ", 1))
	}
	b.WriteString("\n\n")
	for _, p := range f.Params {
		_, _ = fmt.Fprintf(b, "- `%s`, %s", p.Name, p.Type)
		if p.Optional {
			b.WriteString(", may be left out")
		}
		if p.Doc != "" {
			_, _ = fmt.Fprintf(b, ": %s", p.Doc)
		}
		b.WriteByte('\n')
	}
	if len(f.Params) > 0 {
		b.WriteByte('\n')
	}
}

// callName is how a script calls a function.
func callName(f *script.Function) string {
	if rest, ok := strings.CutPrefix(f.Name, "event."); ok {
		return "object.events[group]." + rest
	}
	return f.Name
}

// signature lists the parameters, the optional ones in brackets.
func signature(f *script.Function) string {
	var b strings.Builder
	for i, p := range f.Params {
		if p.Optional {
			b.WriteByte('[')
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Name)
	}
	for _, p := range f.Params {
		if p.Optional {
			b.WriteByte(']')
		}
	}
	return b.String()
}

// classes are the names of the groups in the annotations for editors.
var classes = map[string]string{"objects.": "Objects", "object.": "Entity", "object.events.": "Events", "event.": "Event", "map.": "Ground"}

// annotations are for LuaLS: every class with its functions as fields.
func annotations(functions []*script.Function) string {
	text := luaHead
	for prefix, class := range classes {
		var b strings.Builder
		for _, f := range functions {
			if groupOf(f.Name) == prefix {
				_, _ = fmt.Fprintf(&b, "---@field %s fun(%s)%s %s\n", f.Name[len(prefix):], luaParams(f), luaResult(f), f.Doc)
			}
		}
		text = strings.Replace(text, "--"+class+"--\n", b.String(), 1)
	}
	var b strings.Builder
	for _, f := range functions {
		if groupOf(f.Name) == "" {
			luaFunction(&b, f)
		}
	}
	return strings.Replace(text, "--functions--\n", b.String(), 1)
}

func luaFunction(b *strings.Builder, f *script.Function) {
	_, _ = fmt.Fprintf(b, "\n---%s\n", f.Doc)
	var names []string
	for _, p := range f.Params {
		names = append(names, p.Name)
		_, _ = fmt.Fprintf(b, "---@param %s%s %s %s\n", p.Name, question(p), p.Type, p.Doc)
	}
	if f.Returns != "" {
		_, _ = fmt.Fprintf(b, "---@return %s\n", strings.Replace(f.Returns, ": ", " # ", 1))
	}
	_, _ = fmt.Fprintf(b, "function %s(%s) end\n", f.Name, strings.Join(names, ", "))
}

func question(p script.Param) string {
	if p.Optional {
		return "?"
	}
	return ""
}

func luaParams(f *script.Function) string {
	var list []string
	for _, p := range f.Params {
		list = append(list, p.Name+question(p)+": "+p.Type)
	}
	return strings.Join(list, ", ")
}

// results are the types of results that have a name of their own.
var results = map[string]string{"objects.add": "Entity", "objects.near": "Entity[]"}

func luaResult(f *script.Function) string {
	if f.Returns == "" {
		return ""
	}
	if class, ok := results[f.Name]; ok {
		return ": " + class
	}
	kind, _, _ := strings.Cut(f.Returns, ":")
	return ": " + kind
}

// declarations are for TypeScript.
func declarations(functions []*script.Function) string {
	text := tsHead
	for prefix, class := range classes {
		var b strings.Builder
		for _, f := range functions {
			if groupOf(f.Name) == prefix {
				_, _ = fmt.Fprintf(&b, "%s  %s(%s): %s;\n", tsDoc(f, "  "), f.Name[len(prefix):], tsParams(f), tsResult(f))
			}
		}
		text = strings.Replace(text, "  // "+class+"\n", b.String(), 1)
	}
	var b strings.Builder
	for _, f := range functions {
		if groupOf(f.Name) == "" {
			_, _ = fmt.Fprintf(&b, "\n%sdeclare function %s(%s): %s;\n", tsDoc(f, ""), f.Name, tsParams(f), tsResult(f))
		}
	}
	return strings.Replace(text, "// functions\n", b.String(), 1)
}

// tsDoc is the comment above a declaration.
func tsDoc(f *script.Function, indent string) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s/**\n%s * %s\n", indent, indent, f.Doc)
	for _, p := range f.Params {
		if p.Doc != "" {
			_, _ = fmt.Fprintf(&b, "%s * @param %s %s\n", indent, p.Name, p.Doc)
		}
	}
	if _, what, ok := strings.Cut(f.Returns, ": "); ok {
		_, _ = fmt.Fprintf(&b, "%s * @returns %s\n", indent, what)
	}
	_, _ = fmt.Fprintf(&b, "%s */\n", indent)
	return b.String()
}

func tsParams(f *script.Function) string {
	var list []string
	for _, p := range f.Params {
		list = append(list, p.Name+question(p)+": "+tsType(p.Type))
	}
	return strings.Join(list, ", ")
}

func tsResult(f *script.Function) string {
	if f.Returns == "" {
		return "void"
	}
	if class, ok := results[f.Name]; ok {
		return class
	}
	kind, _, _ := strings.Cut(f.Returns, ":")
	return tsType(kind)
}

func tsType(kind string) string {
	if kind == "table" {
		return "any"
	}
	return kind
}
