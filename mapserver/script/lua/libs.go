package lua

import (
	glua "github.com/yuin/gopher-lua"
)

// library is a table of functions.
type library map[string]glua.LGFunction

// openLibraries fills the globals with exactly what a script may see.
func (e *Engine) openLibraries() {
	e.root.G.Global = e.globals
	e.guards[0] = e.root.NewFunction(e.concat)
	e.guards[1] = e.root.NewFunction(e.checkIndex)
	e.iter = iterators{
		next:  e.root.NewFunction(e.baseNext),
		index: e.root.NewFunction(e.nextIndex),
	}
	e.fill(e.globals, e.baseLibrary())
	e.globals.RawSetString("next", e.iter.next)
	e.globals.RawSetString("_G", e.globals)
	e.globals.RawSetString("_VERSION", glua.LString("Lua 5.1"))
	e.open("table", e.tableLibrary())
	e.open("os", e.osLibrary())
	e.open("debug", library{"traceback": e.debugTraceback})
	e.open("math", e.mathLibrary()).RawSetString("pi", mathPi)
	e.globals.RawGetString("math").(*glua.LTable).RawSetString("huge", mathHuge)
	text := e.open("string", e.stringLibrary())
	text.RawSetString("gfind", text.RawGetString("gmatch"))
	mt := e.root.CreateTable(0, 1)
	mt.RawSetString("__index", text)
	e.root.SetMetatable(glua.LString(""), mt)
}

func (e *Engine) open(name string, functions library) *glua.LTable {
	t := e.root.CreateTable(0, len(functions))
	e.fill(t, functions)
	e.globals.RawSetString(name, t)
	return t
}

func (e *Engine) fill(t *glua.LTable, functions library) {
	for _, name := range sortedNames(functions) { // the order shows in pairs(_G)
		t.RawSetString(name, e.root.NewFunction(functions[name]))
	}
}
