package world

import "container/heap"

// due are the pending events by the time at which they may run, so that a frame
// touches only those whose time has come.
type due []*Event

// put adds a pending event or puts it where it now belongs.
func (d *due) put(v *Event) {
	if v.place >= 0 {
		heap.Fix(d, v.place)
		return
	}
	heap.Push(d, v)
}

// moved is told that the time of an event has changed.
func (d *due) moved(v *Event) {
	if v.place >= 0 {
		heap.Fix(d, v.place)
	}
}

func (d *due) remove(v *Event) {
	if v.place >= 0 {
		heap.Remove(d, v.place)
	}
}

// Len is part of heap.Interface.
func (d due) Len() int { return len(d) }

// Less is part of heap.Interface.
func (d due) Less(i, j int) bool {
	a, b := d[i], d[j]
	return a.time < b.time || a.time == b.time && a.order < b.order
}

// Swap is part of heap.Interface.
func (d due) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place, d[j].place = i, j
}

// Push is part of heap.Interface.
func (d *due) Push(x any) {
	v := x.(*Event)
	v.place = len(*d)
	*d = append(*d, v)
}

// Pop is part of heap.Interface.
func (d *due) Pop() any {
	last := len(*d) - 1
	v := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	v.place = -1
	return v
}
