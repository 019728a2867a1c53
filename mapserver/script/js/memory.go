package js

import (
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"github.com/dop251/goja"
)

// The scripts' data are goja's own Go values. They are measured by a walk over all
// that can be reached from the runtime: by the layout of goja's types, whatever they
// are. What Go functions hold cannot be seen; scripts have little there.

// layout is what of a type leads on to other values.
type layout struct {
	size  uintptr
	typ   reflect.Type
	steps []step
}

// step is a part of a type at an offset.
type step struct {
	offset uintptr
	kind   reflect.Kind
	typ    reflect.Type
}

var layouts sync.Map // reflect.Type to *layout

// skipped are types whose values are not the scripts': compiled code is shared.
var skipped = map[reflect.Type]bool{reflect.TypeFor[goja.Program](): true, reflect.TypeFor[proxy](): true, reflect.TypeFor[machine](): true, reflect.TypeFor[Engine](): true}

const gojaPath = "github.com/dop251/goja"

// foreign tells that values of a type are not looked into.
func foreign(t reflect.Type) bool {
	p := t.PkgPath()
	return skipped[t] || p != "" && !strings.HasPrefix(p, gojaPath) || strings.HasPrefix(p, gojaPath+"/file") || strings.HasPrefix(p, gojaPath+"/ast")
}

// layoutOf returns a type's layout.
func layoutOf(t reflect.Type) *layout {
	if l, ok := layouts.Load(t); ok {
		return l.(*layout)
	}
	l := &layout{size: t.Size(), typ: t}
	l.add(0, t)
	kept, _ := layouts.LoadOrStore(t, l)
	return kept.(*layout)
}

func (l *layout) add(offset uintptr, t reflect.Type) {
	if foreign(t) {
		return
	}
	switch t.Kind() {
	case reflect.String, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		l.steps = append(l.steps, step{offset: offset, kind: t.Kind(), typ: t})
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			l.add(offset+f.Offset, f.Type)
		}
	case reflect.Array:
		for i := range t.Len() {
			l.add(offset+uintptr(i)*t.Elem().Size(), t.Elem())
		}
	}
}

// item is a value that is still to be looked at.
type item struct {
	at *layout
	p  unsafe.Pointer
	n  int // how many, one behind the other
}

// walker adds up what can be reached, each thing once.
type walker struct {
	seen  map[unsafe.Pointer]struct{}
	todo  []item
	total int64
}

// walk adds up everything that scripts can reach. It stops when that is more than
// limit.
func (m *machine) walk(limit int64) *walker {
	w := &walker{seen: map[unsafe.Pointer]struct{}{}}
	w.enqueue(reflect.TypeFor[goja.Runtime](), unsafe.Pointer(m.rt), 1)
	for len(w.todo) > 0 && w.total <= limit {
		last := len(w.todo) - 1
		next := w.todo[last]
		w.todo = w.todo[:last]
		for i := range next.n {
			w.visit(next.at, unsafe.Add(next.p, uintptr(i)*next.at.size))
		}
	}
	return w
}

// enqueue counts n values and notes them for later.
func (w *walker) enqueue(t reflect.Type, p unsafe.Pointer, n int) {
	if p == nil || n == 0 || foreign(t) {
		return
	}
	if _, again := w.seen[p]; again {
		return
	}
	w.seen[p] = struct{}{}
	l := layoutOf(t)
	w.total += int64(l.size) * int64(n)
	if len(l.steps) > 0 {
		w.todo = append(w.todo, item{at: l, p: p, n: n})
	}
}

// visit looks at the parts of one value.
func (w *walker) visit(l *layout, p unsafe.Pointer) {
	for i := range l.steps {
		s := &l.steps[i]
		at := unsafe.Add(p, s.offset)
		switch s.kind {
		case reflect.Pointer:
			w.enqueue(s.typ.Elem(), *(*unsafe.Pointer)(at), 1)
		case reflect.String:
			text := *(*string)(at)
			w.bytes(unsafe.Pointer(unsafe.StringData(text)), len(text))
		case reflect.Slice:
			w.slice(reflect.NewAt(s.typ, at).Elem())
		case reflect.Interface:
			w.dynamic(reflect.NewAt(s.typ, at).Elem())
		case reflect.Map:
			w.table(reflect.NewAt(s.typ, at).Elem())
		}
	}
}

func (w *walker) bytes(p unsafe.Pointer, n int) {
	if n == 0 {
		return
	}
	if _, again := w.seen[p]; again {
		return
	}
	w.seen[p] = struct{}{}
	w.total += int64(n)
}

func (w *walker) slice(v reflect.Value) {
	if v.Cap() == 0 {
		return
	}
	elem := v.Type().Elem()
	w.total += int64(v.Cap()-v.Len()) * int64(elem.Size())
	if v.Len() > 0 {
		w.enqueue(elem, v.UnsafePointer(), v.Len())
	}
}

// dynamic looks at what an interface holds.
func (w *walker) dynamic(v reflect.Value) {
	inner := v.Elem()
	switch inner.Kind() {
	case reflect.Invalid, reflect.Func, reflect.Bool:
	case reflect.Pointer:
		if !inner.IsNil() {
			w.enqueue(inner.Type().Elem(), inner.UnsafePointer(), 1)
		}
	case reflect.String:
		text := inner.String()
		w.total += int64(inner.Type().Size())
		w.bytes(unsafe.Pointer(unsafe.StringData(text)), len(text))
	case reflect.Slice:
		w.total += int64(inner.Type().Size())
		if inner.Cap() > 0 {
			w.bytes(inner.UnsafePointer(), inner.Cap()*int(inner.Type().Elem().Size()))
		}
	case reflect.Map:
		w.table(inner)
	default:
		w.total += int64(inner.Type().Size())
	}
}

// entryBytes is what an entry of a Go map takes besides key and value.
const entryBytes = 8

func (w *walker) table(v reflect.Value) {
	if v.Len() == 0 {
		return
	}
	if _, again := w.seen[v.UnsafePointer()]; again {
		return
	}
	w.seen[v.UnsafePointer()] = struct{}{}
	t := v.Type()
	w.total += int64(v.Len()) * int64(t.Key().Size()+t.Elem().Size()+entryBytes) * 3 / 2
	for it := v.MapRange(); it.Next(); {
		w.part(it.Key())
		w.part(it.Value())
	}
}

// part looks at a key or a value of a map, which have no address.
func (w *walker) part(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		w.enqueue(v.Type().Elem(), v.UnsafePointer(), 1)
	case reflect.Interface:
		w.dynamic(v)
	case reflect.String:
		text := v.String()
		w.bytes(unsafe.Pointer(unsafe.StringData(text)), len(text))
	}
}
