package value

import "iter"

// indexFrom is the number of fields from which a Dict keeps a hash index; below
// it a walk over the keys is quicker and smaller.
const indexFrom = 12

// Dict is a table with string keys that remembers the order in which they came,
// so that encoding the same table twice gives the same bytes. The zero Dict is
// empty and ready to use. A nil Dict reads as empty.
type Dict struct {
	keys   []string
	values []Value
	index  map[string]int
}

// Set sets the field key; a key that is there keeps its place. It is for
// building a Dict: once it is in a Value it must not change.
func (d *Dict) Set(key string, v Value) {
	if i, ok := d.find(key); ok {
		d.values[i] = v
		return
	}
	d.keys = append(d.keys, key)
	d.values = append(d.values, v)
	switch {
	case d.index != nil:
		d.index[key] = len(d.keys) - 1
	case len(d.keys) == indexFrom:
		d.index = make(map[string]int, 2*indexFrom)
		for i, k := range d.keys {
			d.index[k] = i
		}
	}
}

// Lookup returns the field key and whether it is there.
func (d *Dict) Lookup(key string) (Value, bool) {
	if d == nil {
		return Null, false
	}
	if i, ok := d.find(key); ok {
		return d.values[i], true
	}
	return Null, false
}

// Get returns the field key, nil when it is not there.
func (d *Dict) Get(key string) Value {
	v, _ := d.Lookup(key)
	return v
}

// Len returns the number of fields.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.keys)
}

// All walks over the fields in the order in which they were set.
func (d *Dict) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if d == nil {
			return
		}
		for i, k := range d.keys {
			if !yield(k, d.values[i]) {
				return
			}
		}
	}
}

func (d *Dict) find(key string) (int, bool) {
	if d.index != nil {
		i, ok := d.index[key]
		return i, ok
	}
	for i, k := range d.keys {
		if k == key {
			return i, true
		}
	}
	return 0, false
}
