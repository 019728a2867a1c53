package bots

import (
	"sync"
	"time"
)

const (
	// quickest is the shortest pause between two commands of a group.
	quickest = 150 * time.Millisecond
	// maxPending is how many commands of a group may wait for their answer.
	maxPending = 2
	// forgotten is when a command without an answer stops to count.
	forgotten = 10 * time.Second
)

// pace keeps a client to the rhythm of the clients of the time: per group of
// events, a pause of the group's timeout or 0.15 s, whichever is shorter, and at
// most two commands without an answer. It is safe for concurrent use.
type pace struct {
	mu     sync.Mutex
	groups map[string]Group
	states map[string]*rhythm
	// changed counts the changes of what is public.
	changed int
}

type rhythm struct {
	last    time.Time
	pending []pending
}

// pending is a command without an answer.
type pending struct {
	id     int64
	action string
	sent   time.Time
}

func newPace() *pace {
	return &pace{groups: make(map[string]Group), states: make(map[string]*rhythm)}
}

// learn takes over news of the groups.
func (p *pace) learn(news map[string]Group) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mergeGroups(p.groups, news)
	for _, g := range news {
		if g.Actions != nil {
			p.changed++
		}
	}
}

// known returns what changed counts and, if it is not seen, the groups.
func (p *pace) known(seen int) (int, map[string]Group) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == seen {
		return seen, nil
	}
	groups := make(map[string]Group, len(p.groups))
	mergeGroups(groups, p.groups)
	return p.changed, groups
}

// free tells whether a command of group may be sent at now.
func (p *pace) free(group string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.states[group]
	if r == nil {
		return true
	}
	for len(r.pending) > 0 && now.Sub(r.pending[0].sent) > forgotten {
		r.pending = r.pending[1:]
	}
	gap := min(quickest, time.Duration(p.groups[group].Timeout*float64(time.Second)))
	return len(r.pending) < maxPending && now.Sub(r.last) >= gap
}

// sent notes a command.
func (p *pace) sent(group string, command pending) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.states[group]
	if r == nil {
		r = &rhythm{}
		p.states[group] = r
	}
	r.last = command.sent
	r.pending = append(r.pending, command)
}

// answered notes the answer to a command and those before it, which it replaced.
// It returns when the command was sent and what it was.
func (p *pace) answered(group string, id int64) (sent time.Time, action string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.states[group]
	if r == nil {
		return time.Time{}, "", false
	}
	for len(r.pending) > 0 && r.pending[0].id <= id {
		if first := r.pending[0]; first.id == id {
			sent, action, ok = first.sent, first.action, true
		}
		r.pending = r.pending[1:]
	}
	return sent, action, ok
}
