package lua

import (
	"reflect"
	"unsafe"

	glua "github.com/yuin/gopher-lua"
)

// The sizes of Lua's data in Go, in bytes. They are estimates where Go's
// allocator rounds or a map's load is not known.
const (
	sizeTable    = 104
	sizeSlot     = 16 // of an array: an interface
	sizeField    = 96 // of a hash part: the pair, its key's place in two indexes
	sizeFunction = 72
	sizeUpvalue  = 56
	sizeUserdata = 64
	sizeString   = 16 // the header that an interface points to
)

// tableFields are the places of a table's hidden parts. Reading a length or a
// capacity by reflection is allowed for hidden fields and needs no copy; an
// array full of nil can be seen in no other way.
var tableFields = func() (f struct{ array, keys []int }) {
	t := reflect.TypeFor[glua.LTable]()
	if field, ok := t.FieldByName("array"); ok {
		f.array = field.Index
	}
	if field, ok := t.FieldByName("keys"); ok {
		f.keys = field.Index
	}
	return f
}()

// tableParts returns the capacity of a table's array part and the number of
// keys that its hash part ever had: gopher-lua forgets none.
func tableParts(t *glua.LTable) (slots, fields int) {
	v := reflect.ValueOf(t).Elem()
	if tableFields.array != nil {
		slots = v.FieldByIndex(tableFields.array).Cap()
	}
	if tableFields.keys != nil {
		fields = v.FieldByIndex(tableFields.keys).Len()
	}
	return slots, fields
}

// walker adds up what can be reached, each thing once.
type walker struct {
	seen  map[unsafe.Pointer]struct{}
	todo  []glua.LValue
	total int64
	limit int64
	// worst is the largest text or array, see budget.weigh.
	worst int
}

// walk adds up everything that scripts can reach. It stops when that is more
// than limit.
func (e *Engine) walk(limit int64) *walker {
	w := &walker{seen: map[unsafe.Pointer]struct{}{}, limit: limit}
	w.value(e.globals)
	w.value(e.root.GetMetatable(glua.LString("")))
	for i := range e.depth {
		if lv := e.levels[i]; lv != nil {
			w.stack(lv.L)
			for _, v := range lv.handled {
				w.value(v)
			}
		}
	}
	w.run()
	return w
}

func (w *walker) run() {
	for len(w.todo) > 0 && w.total <= w.limit {
		last := len(w.todo) - 1
		v := w.todo[last]
		w.todo = w.todo[:last]
		switch v := v.(type) {
		case *glua.LTable:
			w.table(v)
		case *glua.LFunction:
			w.function(v)
		}
	}
}

// value counts v and notes what is inside it for later.
func (w *walker) value(v glua.LValue) {
	switch v := v.(type) {
	case glua.LString:
		w.total += sizeString
		if p := unsafe.Pointer(unsafe.StringData(string(v))); len(v) > 0 && w.first(p) {
			w.total += int64(len(v))
			w.worst = max(w.worst, len(v))
		}
	case glua.LNumber:
		w.total += 8
	case *glua.LTable:
		if w.first(unsafe.Pointer(v)) {
			w.todo = append(w.todo, v)
		}
	case *glua.LFunction:
		if w.first(unsafe.Pointer(v)) {
			w.todo = append(w.todo, v)
		}
	case *glua.LUserData:
		if w.first(unsafe.Pointer(v)) {
			w.total += sizeUserdata
		}
	}
}

func (w *walker) first(p unsafe.Pointer) bool {
	if _, ok := w.seen[p]; ok {
		return false
	}
	w.seen[p] = struct{}{}
	return true
}

func (w *walker) table(t *glua.LTable) {
	slots, fields := tableParts(t)
	w.worst = max(w.worst, slots)
	w.total += sizeTable + sizeSlot*int64(slots) + sizeField*int64(fields)
	if w.total > w.limit {
		return
	}
	if t.Metatable != nil {
		w.value(t.Metatable)
	}
	t.ForEach(func(k, v glua.LValue) {
		if _, number := k.(glua.LNumber); !number {
			w.value(k)
		}
		w.value(v)
	})
}

func (w *walker) function(f *glua.LFunction) {
	w.total += sizeFunction + sizeUpvalue*int64(len(f.Upvalues))
	if f.Env != nil {
		w.value(f.Env)
	}
	for _, up := range f.Upvalues {
		if up == nil || !w.first(unsafe.Pointer(up)) {
			continue
		}
		if v := up.Value(); v != nil {
			w.value(v)
		}
	}
}

// maxFrames bounds how much of a deep stack is looked at: finding a frame takes
// time in proportion to its depth.
const maxFrames = 500

// stack counts the variables of running functions.
func (w *walker) stack(L *glua.LState) {
	for level := range maxFrames {
		dbg, ok := L.GetStack(level)
		if !ok {
			return
		}
		for n := 1; ; n++ {
			name, v := L.GetLocal(dbg, n)
			if name == "" {
				break
			}
			if v != nil {
				w.value(v)
			}
		}
	}
}
