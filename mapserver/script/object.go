package script

import "github.com/overworld-gg/overworld/mapserver/value"

// Object is a host object as scripts see it: a table whose reads, writes and
// walks go to the host. A script gets hold of one as value.FromRef(object).
// Scripts see the type "table" for it.
type Object interface {
	// Get reads a field; a field that does not exist is nil, or an error where
	// the host knows better. Number keys come in their shortest decimal form.
	Get(key string) (value.Value, error)
	// Set writes a field. nil is a value like every other: the host decides what
	// it means. The error is raised in the script at the line of the write.
	Set(key string, v value.Value) error
	// Next is the walk of pairs and next: the field after key, the first one for
	// "" , ok = false at the end. A field removed during the walk may still be
	// given as key.
	Next(key string) (next string, v value.Value, ok bool)
	// Proxy is where engines keep their own form of the object.
	Proxy() *Proxy
}

// Proxy keeps what engines made of a host object or method, so that the same
// object is the same script value each time (== holds) and nothing is allocated
// when it is used again. Embed it. It belongs to the map's goroutine. An engine
// must check that what it finds was put there by itself: after a reload, the
// slot still holds the proxy of the engine before.
type Proxy struct{ slots [2]any }

// Slots of the engines.
const (
	SlotLua = iota
	SlotJS
)

// Slot returns what the engine of that slot stored, nil at first.
func (p *Proxy) Slot(slot int) any { return p.slots[slot] }

// SetSlot stores the engine's own form.
func (p *Proxy) SetSlot(slot int, form any) { p.slots[slot] = form }

// Function is one function of the table that scripts can call. Each is written
// once, over neutral values, for all engines; the documentation for authors and
// editors is generated from the same entries.
type Function struct {
	// Name as scripts call it, dotted for a field of a table or for a method:
	// "split", "paths.find", "object.remove".
	Name string
	// Doc says in one or two sentences what it does, with units and errors.
	Doc string
	// Params are the declared parameters in their order.
	Params []Param
	// Returns names the type of the result ("number", "table", ...) and what it
	// is; empty when there is none.
	Returns string
	// Call is the code. recv is the object for a method, nil for a function.
	// args has been checked against Params and filled up with nil.
	Call func(recv Object, args []value.Value) (value.Value, error)
}

// Param is a parameter of a Function.
type Param struct {
	Name string
	// Type is number, string, boolean, table or any.
	Type string
	// Optional allows nil and leaving it out.
	Optional bool
	Doc      string
}

// Method is a Function bound to the object that it was read from; scripts call
// it with a dot and without self: object.remove(). A script gets hold of one as
// value.FromRef(method).
type Method struct {
	Fn   *Function
	Recv Object
	slot Proxy
}

// NewMethod binds fn to recv. Keep it: engines cache their form of it.
func NewMethod(fn *Function, recv Object) *Method { return &Method{Fn: fn, Recv: recv} }

// Proxy is where engines keep their own form of the method.
func (m *Method) Proxy() *Proxy { return &m.slot }

// Invoke checks args against the declared parameters and calls the function. It
// is the one way by which engines call host code. A receiver that was passed as
// first argument too (object:remove()) is dropped.
func (m *Method) Invoke(args []value.Value) (value.Value, error) {
	if m.Recv != nil && len(args) > 0 && args[0].Ref() == any(m.Recv) {
		args = args[1:]
	}
	args, err := m.Fn.check(args)
	if err != nil {
		return value.Null, err
	}
	return m.Fn.Call(m.Recv, args)
}
