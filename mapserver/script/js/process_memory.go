package js

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/dop251/goja"
)

// processWalker adds up what can be reached from a runtime, each thing once. goja
// keeps its data hidden; reading lengths, pointers and maps by reflection needs no
// copy. What only closures of Go see (a promise's jobs) is not found.
type processWalker struct {
	seen  map[unsafe.Pointer]struct{}
	todo  []reflect.Value
	total int64
	limit int64
}

// size adds up the live data of the program, and stops at more than limit.
func (p *process) size(limit int64) int64 {
	w := &processWalker{seen: map[unsafe.Pointer]struct{}{}, limit: limit}
	w.visit(reflect.ValueOf(p.vm))
	w.visit(reflect.ValueOf(&p.timers))
	w.visit(reflect.ValueOf(&p.ticks))
	w.visit(reflect.ValueOf(&p.modules.cache))
	for len(w.todo) > 0 && w.total <= w.limit {
		last := len(w.todo) - 1
		v := w.todo[last]
		w.todo = w.todo[:last]
		w.inside(v)
	}
	return w.total
}

// processPlain caches which types hold no pointers, and which are not to be counted.
var processPlain sync.Map

// processShared are types that processes share or that are not theirs.
var processShared = map[reflect.Type]bool{
	reflect.TypeFor[goja.Program]():    true,
	reflect.TypeFor[processGuard]():    true,
	reflect.TypeFor[processCallback](): true,
	reflect.TypeFor[sync.Mutex]():      true,
	reflect.TypeFor[reflect.Type]():    true,
}

func processIsPlain(t reflect.Type) bool {
	if plain, ok := processPlain.Load(t); ok {
		return plain.(bool)
	}
	plain := processShared[t]
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.String, reflect.Map:
	case reflect.Array:
		plain = plain || processIsPlain(t.Elem())
	case reflect.Struct:
		if !plain {
			plain = true
			for i := range t.NumField() {
				plain = plain && processIsPlain(t.Field(i).Type)
			}
		}
	default:
		plain = true // numbers, functions, channels
	}
	processPlain.Store(t, plain)
	return plain
}

func (w *processWalker) first(p unsafe.Pointer) bool {
	if p == nil {
		return false
	}
	if _, ok := w.seen[p]; ok {
		return false
	}
	w.seen[p] = struct{}{}
	return true
}

// visit counts what v points to and notes it for later.
func (w *processWalker) visit(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if processShared[v.Type().Elem()] || !w.first(v.UnsafePointer()) {
			return
		}
		w.total += int64(v.Type().Elem().Size())
		w.todo = append(w.todo, v.Elem())
	case reflect.Interface:
		if !v.IsNil() {
			e := v.Elem()
			if e.Kind() != reflect.Pointer {
				w.total += int64(e.Type().Size())
			}
			w.visit(e)
		}
	case reflect.String:
		if s := v.String(); len(s) > 0 && w.first(unsafe.Pointer(unsafe.StringData(s))) {
			w.total += int64(len(s))
		}
	case reflect.Slice:
		if v.Cap() > 0 && w.first(v.UnsafePointer()) {
			w.total += int64(v.Cap()) * int64(v.Type().Elem().Size())
			w.todo = append(w.todo, v)
		}
	case reflect.Map:
		if w.first(v.UnsafePointer()) {
			w.total += 48 + int64(v.Len())*int64(v.Type().Key().Size()+v.Type().Elem().Size()+8)
			w.todo = append(w.todo, v)
		}
	case reflect.Struct, reflect.Array:
		w.inside(v)
	}
}

func (w *processWalker) inside(v reflect.Value) {
	if processIsPlain(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); !processIsPlain(f.Type()) {
				w.visit(f)
			}
		}
	case reflect.Slice, reflect.Array:
		if processIsPlain(v.Type().Elem()) {
			return
		}
		for i := range v.Len() {
			w.visit(v.Index(i))
		}
	case reflect.Map:
		key, elem := !processIsPlain(v.Type().Key()), !processIsPlain(v.Type().Elem())
		for it := v.MapRange(); (key || elem) && it.Next(); {
			if key {
				w.visit(it.Key())
			}
			if elem {
				w.visit(it.Value())
			}
		}
	default:
		w.visit(v)
	}
}
