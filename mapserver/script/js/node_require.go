package js

import (
	"embed"
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja"
	nodeurl "github.com/dop251/goja_nodejs/url"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// nodeRoot is the folder in which programs find the bundle's files.
	nodeRoot = "/app"
	// nodeInternal starts the file names of our own modules.
	nodeInternal = "node:"
	// nodeShim is the file name of the dialect's program, nodeDialect starts those of
	// its modules.
	nodeShim    = "node:shim.js"
	nodeDialect = "node:dialect/"
)

//go:embed node/*.js
var nodeFiles embed.FS

// nodePublic are the embedded modules that programs may require.
var nodePublic = []string{
	"assert", "buffer", "console", "constants", "crypto", "events", "fs", "fs/promises", "module", "os", "path", "path/posix",
	"perf_hooks", "process", "punycode", "querystring", "string_decoder", "sys", "timers", "timers/promises", "url", "util", "util/types",
	"assert/strict", "async_hooks",
}

// nodeAbsent are Node's modules that are not there, by what they would reach.
var nodeAbsent = map[string]string{
	"child_process": "programs of the host", "cluster": "other processes", "dgram": "the network", "dns": "the network",
	"http": "the network", "http2": "the network", "https": "the network", "net": "the network", "tls": "the network",
	"inspector": "the engine", "repl": "the engine", "v8": "the engine", "vm": "the engine", "worker_threads": "threads",
	"readline": "a terminal", "tty": "a terminal", "stream": "files and the network", "zlib": "native code", "wasi": "the host",
	"trace_events": "the engine", "diagnostics_channel": "the engine", "domain": "the engine", "dns/promises": "the network",
	"stream/promises": "files and the network", "readline/promises": "a terminal", "test": "the host", "sqlite": "files of the host",
}

// nodePrograms are the embedded modules, compiled once for all processes.
var nodePrograms sync.Map

// nodeModules is what require knows.
type nodeModules struct {
	p        *process
	programs map[string]*goja.Program // of the dialect
	cache    map[string]*goja.Object  // modules by their full file names
	main     *goja.Object
	folders  map[string]bool
	children *goja.Object
}

func newNodeModules(p *process) *nodeModules {
	m := &nodeModules{p: p, programs: map[string]*goja.Program{}, cache: map[string]*goja.Object{}, folders: map[string]bool{nodeRoot: true}}
	for file := range p.config.Files {
		for dir := path.Dir(path.Join(nodeRoot, file)); !m.folders[dir] && strings.HasPrefix(dir, nodeRoot); dir = path.Dir(dir) {
			m.folders[dir] = true
		}
	}
	return m
}

// content returns a file of the bundle by its path as programs name it.
func (m *nodeModules) content(file string) ([]byte, bool) {
	rest, ok := strings.CutPrefix(path.Clean(file), nodeRoot+"/")
	if !ok {
		return nil, false
	}
	b, ok := m.p.config.Files[rest]
	return b, ok
}

// errNotFound is Node's error for modules that there are not.
type nodeNotFound struct{ request, from, why string }

func (e *nodeNotFound) Error() string {
	text := "Cannot find module '" + e.request + "'"
	if e.why != "" {
		text += ": " + e.why
	}
	if e.from != "" {
		text += "\nRequire stack:\n- " + e.from
	}
	return text
}

// require returns what a module exports. from is the file that asks, "" for our own.
func (m *nodeModules) require(request, from string) (goja.Value, error) {
	if name, ok := m.builtin(request, from); ok {
		return m.embedded(name)
	}
	if _, ok := m.p.config.Modules[request]; ok {
		return m.dialect(request)
	}
	file, err := m.resolve(request, from)
	if err != nil {
		return nil, err
	}
	return m.file(file)
}

// builtin tells whether a request is for one of the embedded modules.
func (m *nodeModules) builtin(request, from string) (string, bool) {
	name, named := strings.CutPrefix(request, "node:")
	if _, taken := m.p.config.Modules[request]; taken && !named {
		return "", false
	}
	if from == "" {
		return name, true
	}
	return name, slices.Contains(nodePublic, name)
}

// resolve finds the file that a request names, as Node does.
func (m *nodeModules) resolve(request, from string) (string, error) {
	name := strings.TrimPrefix(request, "node:")
	if what, ok := nodeAbsent[name]; ok {
		return "", &nodeNotFound{request: request, why: "maps have no access to " + what}
	}
	if strings.HasPrefix(request, "node:") || request == "" {
		return "", &nodeNotFound{request: request, from: from}
	}
	dir := path.Dir(from)
	if strings.HasPrefix(from, nodeInternal) {
		dir = nodeRoot
	}
	local := request == "." || request == ".." || strings.HasPrefix(request, "./") || strings.HasPrefix(request, "../")
	if local || path.IsAbs(request) {
		full := request
		if local {
			full = path.Join(dir, request)
		}
		if full != nodeRoot && !strings.HasPrefix(full, nodeRoot+"/") {
			return "", &nodeNotFound{request: request, from: from, why: "it is outside of the bundle"}
		}
		if file := m.probe(full, strings.HasSuffix(request, "/")); file != "" {
			return file, nil
		}
		return "", &nodeNotFound{request: request, from: from}
	}
	for ; strings.HasPrefix(dir, nodeRoot); dir = path.Dir(dir) {
		if path.Base(dir) == "node_modules" {
			continue
		}
		if file := m.probe(path.Join(dir, "node_modules", request), false); file != "" {
			return file, nil
		}
	}
	return "", &nodeNotFound{request: request, from: from}
}

var nodeExtensions = []string{".js", ".json", ".ts", ".cjs", ".mjs", ".cts", ".mts"}

// probe finds a file or a folder's main file.
func (m *nodeModules) probe(full string, folder bool) string {
	full = path.Clean(full)
	if !folder {
		if file := m.probeFile(full); file != "" {
			return file
		}
	}
	if !m.folders[full] {
		return ""
	}
	if text, ok := m.content(path.Join(full, "package.json")); ok {
		var info struct {
			Main    string `json:"main"`
			Exports any    `json:"exports"`
		}
		_ = json.Unmarshal(text, &info)
		if entry := nodeExports(info.Exports); entry != "" {
			info.Main = entry
		}
		if info.Main != "" {
			main := path.Join(full, info.Main)
			if file := m.probeFile(main); file != "" {
				return file
			}
			if file := m.probeFile(path.Join(main, "index")); file != "" {
				return file
			}
		}
	}
	return m.probeFile(path.Join(full, "index"))
}

// nodeExports is the main file by a package's field exports.
func nodeExports(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		for _, key := range []string{".", "require", "node", "default", "import"} {
			if inner, ok := v[key]; ok {
				return nodeExports(inner)
			}
		}
	}
	return ""
}

func (m *nodeModules) probeFile(full string) string {
	if _, ok := m.content(full); ok {
		return full
	}
	for _, ext := range nodeExtensions {
		if _, ok := m.content(full + ext); ok {
			return full + ext
		}
	}
	if plain, ok := strings.CutSuffix(full, ".js"); ok { // TypeScript's way to name its own files
		if _, ok := m.content(plain + ".ts"); ok {
			return plain + ".ts"
		}
	}
	return ""
}

// embedded runs one of our own modules.
func (m *nodeModules) embedded(name string) (goja.Value, error) {
	file := nodeInternal + name + ".js"
	if module, ok := m.cache[file]; ok {
		return module.Get("exports"), nil
	}
	program, err := nodeProgram(name)
	if err != nil {
		return nil, err
	}
	return m.execute(file, "", program, m.p.binding())
}

func nodeProgram(name string) (*goja.Program, error) {
	if program, ok := nodePrograms.Load(name); ok {
		return program.(*goja.Program), nil
	}
	text, err := nodeFiles.ReadFile("node/" + strings.ReplaceAll(name, "/", "_") + ".js")
	if err != nil {
		return nil, &nodeNotFound{request: name}
	}
	program, err := processCompile(nodeInternal+name+".js", text, nodeBindingScope)
	if err == nil {
		nodePrograms.Store(name, program)
	}
	return program, err
}

// dialect runs one of the dialect's modules.
func (m *nodeModules) dialect(name string) (goja.Value, error) {
	file := nodeDialect + name
	if module, ok := m.cache[file]; ok {
		return module.Get("exports"), nil
	}
	program, err := m.compile(file, m.p.config.Modules[name], nodeHostScope)
	if err != nil {
		return nil, err
	}
	return m.execute(file, file, program, m.p.hostObject)
}

// file runs a file of the bundle.
func (m *nodeModules) file(file string) (goja.Value, error) {
	if module, ok := m.cache[file]; ok {
		return module.Get("exports"), nil
	}
	text, _ := m.content(file)
	if path.Ext(file) == ".json" {
		return m.json(file, text)
	}
	program, err := m.compile(strings.TrimPrefix(file, nodeRoot+"/"), text, nodeScope)
	if err != nil {
		return nil, err
	}
	return m.execute(file, file, program, goja.Undefined())
}

// compile is no work of the script's, so it does not count in its budget.
func (m *nodeModules) compile(file string, text []byte, scope string) (program *goja.Program, err error) {
	m.p.guard.pause(func() { program, err = processCompile(file, text, scope) })
	return program, err
}

func (m *nodeModules) json(file string, text []byte) (goja.Value, error) {
	v, err := m.p.parseJSON(goja.Undefined(), m.p.vm.ToValue(strings.TrimPrefix(string(text), "\ufeff")))
	if err != nil {
		return nil, &script.Error{Class: script.Compile, File: strings.TrimPrefix(file, nodeRoot+"/"), Message: "it is no JSON: " + err.Error()}
	}
	module := m.p.vm.NewObject()
	_ = module.Set("exports", v)
	m.cache[file] = module
	return v, nil
}

// execute runs a module's function.
func (m *nodeModules) execute(file, from string, program *goja.Program, extra goja.Value) (goja.Value, error) {
	wrapper, err := m.p.vm.RunProgram(program)
	if err != nil {
		return nil, err
	}
	fn, _ := goja.AssertFunction(wrapper)
	module, exports := m.p.vm.NewObject(), m.p.vm.NewObject()
	_ = module.Set("exports", exports)
	m.cache[file] = module
	name := file
	if strings.HasPrefix(file, nodeInternal) {
		name = path.Join(nodeRoot, path.Base(file)) // nothing of ours has a place there
	}
	m.describe(module, name)
	if m.main == nil && from != "" && !strings.HasPrefix(file, nodeInternal) {
		m.main = module
	}
	_, err = fn(exports, exports, m.requireFor(from, module), module, m.p.vm.ToValue(name), m.p.vm.ToValue(path.Dir(name)), extra)
	if err != nil {
		delete(m.cache, file)
		return nil, err
	}
	return module.Get("exports"), nil
}

func (m *nodeModules) describe(module *goja.Object, name string) {
	_ = module.Set("id", name)
	_ = module.Set("filename", name)
	_ = module.Set("path", path.Dir(name))
	_ = module.Set("loaded", true)
	_ = module.Set("children", m.p.vm.NewArray())
	_ = module.Set("paths", m.p.vm.NewArray(path.Join(nodeRoot, "node_modules")))
}

// requireFor makes the function require of a module.
func (m *nodeModules) requireFor(from string, module *goja.Object) goja.Value {
	vm := m.p.vm
	require := m.p.native("require", func(call goja.FunctionCall) goja.Value {
		m.p.guard.tick()
		request, ok := call.Argument(0).(goja.String)
		if !ok {
			panic(vm.NewTypeError("The \"id\" argument must be of type string"))
		}
		v, err := m.require(request.String(), from)
		if err != nil {
			panic(m.thrown(err))
		}
		return v
	})
	_ = require.Set("resolve", m.p.native("resolve", func(call goja.FunctionCall) goja.Value {
		request := call.Argument(0).String()
		if _, ok := m.builtin(request, from); ok || m.p.config.Modules[request] != nil {
			return vm.ToValue(request)
		}
		file, err := m.resolve(request, from)
		if err != nil {
			panic(m.thrown(err))
		}
		return vm.ToValue(file)
	}))
	_ = require.Set("cache", vm.NewObject())
	if m.main != nil {
		_ = require.Set("main", m.main)
	} else {
		_ = require.Set("main", goja.Undefined())
	}
	_ = module.Set("require", require)
	return require
}

// thrown is the JavaScript error for an error of require's.
func (m *nodeModules) thrown(err error) any {
	var missing *nodeNotFound
	var fault *script.Error
	var caught *goja.Exception
	switch {
	case errors.As(err, &missing):
		obj := m.p.newError(err.Error())
		_ = obj.Set("code", "MODULE_NOT_FOUND")
		return obj
	case !errors.As(err, &caught) && errors.As(err, &fault) && fault.Class == script.Compile:
		obj := m.p.newErrorOf("SyntaxError", fault.Error())
		if len(m.p.compiling) < 100 {
			m.p.compiling[obj] = fault
		}
		return obj
	}
	return processThrown(m.p.vm, err)
}

// loadURL gives the module url what goja_nodejs has of it.
func (p *process) loadURL() goja.Value {
	module := p.vm.NewObject()
	exports := p.vm.NewObject()
	_ = module.Set("exports", exports)
	nodeurl.Require(p.vm, module)
	return exports
}
