package session

import "github.com/overworld-gg/overworld/mapserver/game"

// outbox is what waits for one client, in order.
type outbox struct {
	queue []*game.Message
	head  int
	bytes int
}

func (o *outbox) len() int { return len(o.queue) - o.head }

// full says whether the limits are reached.
func (o *outbox) full(maxMessages, maxBytes int) bool {
	return o.len() >= maxMessages || o.bytes >= maxBytes
}

func (o *outbox) push(m *game.Message) {
	if o.head > 0 && len(o.queue) == cap(o.queue) {
		n := copy(o.queue, o.queue[o.head:])
		clear(o.queue[n:])
		o.queue, o.head = o.queue[:n], 0
	}
	o.queue = append(o.queue, m)
	o.bytes += len(m.Data)
}

// pop moves messages of up to maxBytes, and at least one if there is one, to
// batch.
func (o *outbox) pop(batch []*game.Message, maxBytes int) []*game.Message {
	size := 0
	for o.head < len(o.queue) {
		m := o.queue[o.head]
		if size += len(m.Data); size > maxBytes && len(batch) > 0 {
			break
		}
		batch = append(batch, m)
		o.queue[o.head] = nil
		o.head++
		o.bytes -= len(m.Data)
	}
	if o.head == len(o.queue) {
		o.queue, o.head = o.queue[:0], 0
	}
	return batch
}

// dropState removes the messages that a full state makes up for, and returns
// how many there were.
func (o *outbox) dropState() int {
	kept := o.queue[:0]
	dropped := 0
	o.bytes = 0
	for _, m := range o.queue[o.head:] {
		if m.State {
			dropped++
			continue
		}
		kept = append(kept, m)
		o.bytes += len(m.Data)
	}
	clear(o.queue[len(kept):])
	o.queue, o.head = kept, 0
	return dropped
}

// clear removes everything.
func (o *outbox) clear() {
	clear(o.queue)
	o.queue, o.head, o.bytes = o.queue[:0], 0, 0
}
