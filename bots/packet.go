package bots

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Types are the entity types in the order in which packets list them.
var Types = []string{"players", "enemys", "animals", "objects"}

// LoadAction is the action of a packet with the full world.
const LoadAction = "load/index"

// Packet is one packet of a map.
type Packet struct {
	// Action is LoadAction for the full world.
	Action string
	// Error is the map's complaint; usually the connection ends after it.
	Error string
	// Timeouts are the event groups that a client may use.
	Timeouts map[string]Group
	// Commands answers the client's commands by group.
	Commands map[string]Ack
	// Host and Token tell to go on elsewhere, Reconnect to sign in again.
	Host      string
	Token     string
	Reconnect bool
	// Drain says that the map closes soon.
	Drain bool
	// Changes are the entities in the packet, in its order by type.
	Changes []Change
	// Fields has the whole packet by top-level key.
	Fields map[string]json.RawMessage
}

// Group is an event group as a client knows it.
type Group struct {
	// Timeout is the pause after an event, in seconds.
	Timeout float64
	// Actions tells by name whether a client may call the action. Nil in a packet
	// that changes the timeout only.
	Actions map[string]bool
}

// Ack tells that a command was carried out.
type Ack struct {
	// CommandID is that of the command, unix milliseconds.
	CommandID int64
	// WaitTime is how long the command waited for its turn, in seconds.
	WaitTime float64
}

// Change is what a packet says of one entity.
type Change struct {
	// Type and Key name the entity.
	Type, Key string
	// Fields are those that changed.
	Fields map[string]any
}

// envelope is the part of a packet that is about its receiver.
type envelope struct {
	Action    string            `json:"action"`
	Error     string            `json:"error"`
	Timeouts  loose[looseGroup] `json:"timeouts"`
	Commands  loose[looseAck]   `json:"commands"`
	Host      string            `json:"host"`
	Token     string            `json:"token"`
	Reconnect json.RawMessage   `json:"reconnect"`
	Drain     json.RawMessage   `json:"drain"`
}

type looseGroup struct {
	Timeout float64     `json:"timeout"`
	Actions loose[bool] `json:"actions"`
}

type looseAck struct {
	CommandID looseNumber `json:"command_id"`
	WaitTime  float64     `json:"wait_time"`
}

// loose is an object that may come as an empty list, or as null.
type loose[T any] map[string]T

// UnmarshalJSON accepts objects, and [] for none.
func (l *loose[T]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		*l = loose[T]{}
		return nil
	}
	return json.Unmarshal(data, (*map[string]T)(l))
}

// telling are the words without which a packet has nothing for its receiver.
var telling = [][]byte{
	[]byte(`"commands"`), []byte(`"error"`), []byte(LoadAction), []byte(`"timeouts"`), []byte(`"token"`), []byte(`"reconnect"`), []byte(`"drain"`),
}

// concerns tells whether data may have more than changes of entities in it. It
// only looks for words, which is so much cheaper than decoding that a crowd of
// bots can afford it for every frame.
func concerns(data []byte) bool {
	return slices.ContainsFunc(telling, func(word []byte) bool { return bytes.Contains(data, word) })
}

// decodeHead reads a packet without its entities.
func decodeHead(data []byte) (*Packet, error) {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("reading packet: %w", err)
	}
	p := &Packet{Action: e.Action, Error: e.Error, Host: e.Host, Token: e.Token}
	p.Reconnect, p.Drain = truthy(e.Reconnect), truthy(e.Drain)
	for name, g := range e.Timeouts {
		if p.Timeouts == nil {
			p.Timeouts = make(map[string]Group, len(e.Timeouts))
		}
		p.Timeouts[name] = Group{Timeout: g.Timeout, Actions: g.Actions}
	}
	for name, a := range e.Commands {
		if p.Commands == nil {
			p.Commands = make(map[string]Ack, len(e.Commands))
		}
		p.Commands[name] = Ack{CommandID: int64(a.CommandID), WaitTime: a.WaitTime}
	}
	return p, nil
}

func truthy(raw json.RawMessage) bool {
	return len(raw) > 0 && !slices.Contains([]string{"null", "false", "0", `""`}, string(raw))
}

// Decode reads a packet, with entities as lists or as dictionaries.
func Decode(data []byte) (*Packet, error) {
	p, err := decodeHead(data)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &p.Fields); err != nil {
		return nil, fmt.Errorf("reading packet: %w", err)
	}
	for _, kind := range Types {
		if raw, ok := p.Fields[kind]; ok {
			if err := p.decodeEntities(kind, raw); err != nil {
				return nil, fmt.Errorf("reading packet: %s: %w", kind, err)
			}
		}
	}
	return p, nil
}

func (p *Packet) decodeEntities(kind string, raw json.RawMessage) error {
	if bytes.HasPrefix(raw, []byte("[")) {
		var list []map[string]any
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		for _, fields := range list {
			p.Changes = append(p.Changes, Change{Type: kind, Key: keyOf(kind, fields), Fields: fields})
		}
		return nil
	}
	var byKey map[string]map[string]any
	if err := json.Unmarshal(raw, &byKey); err != nil {
		return err
	}
	for key, fields := range byKey {
		p.Changes = append(p.Changes, Change{Type: kind, Key: key, Fields: fields})
	}
	return nil
}

// keyOf names an entity of a list: by its key if it has one, otherwise by id.
func keyOf(kind string, fields map[string]any) string {
	if key, ok := fields["key"].(string); ok {
		return key
	}
	switch id := fields["id"].(type) {
	case float64:
		return kind + "_" + strconv.FormatFloat(id, 'f', -1, 64)
	case string:
		return kind + "_" + id
	}
	return kind + "_"
}
