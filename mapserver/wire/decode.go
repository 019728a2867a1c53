package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// Command is what a client asks its player to do.
type Command struct {
	// Group and Action name the event; Action is "" for the group's index.
	Group, Action string
	// ID is the client's id of the command, by which it is acknowledged; HasID
	// tells whether there is one.
	ID    float64
	HasID bool
	// Ping is what the client measured, in seconds; 0 when it did not say.
	Ping float64
	// Params are the other fields, a table.
	Params value.Value
}

// The fields of a frame that are not parameters of the event. Later clients
// give the group apart, and call the id unixtime.
const (
	fieldAction  = "action"
	fieldGroup   = "group"
	fieldCommand = "command_id"
	fieldUnix    = "unixtime"
	fieldPing    = "ping"
)

// Decode reads a frame from a client: one JSON object. The error is a sentence
// for the client.
func Decode(data []byte) (Command, error) {
	v, err := value.ParseJSON(data)
	if err != nil {
		return Command{}, fmt.Errorf("the frame cannot be read as JSON: %w", err)
	}
	d := v.Dict()
	if d == nil {
		return Command{}, errors.New(`the frame must be a JSON object, for example {"action":"move/up"}`)
	}
	var c Command
	if err := c.name(d); err != nil {
		return Command{}, err
	}
	if err := c.id(d); err != nil {
		return Command{}, err
	}
	if ping := d.Get(fieldPing); ping.Kind() == value.Number {
		c.Ping = ping.Num()
	}
	c.Params = c.params(d)
	return c, nil
}

// name reads the group and the action, in one field or in two.
func (c *Command) name(d *value.Dict) error {
	action, group := d.Get(fieldAction), d.Get(fieldGroup)
	if !action.IsNil() && action.Kind() != value.String {
		return fmt.Errorf(`"action" must be a text such as "move/up", not a %s`, action.Kind())
	}
	if group.Kind() == value.String && group.Str() != "" && !strings.Contains(action.Str(), "/") {
		c.Group, c.Action = group.Str(), action.Str()
		return nil
	}
	c.Group, c.Action, _ = strings.Cut(action.Str(), "/")
	if c.Group == "" {
		return errors.New(`"action" is missing: it names the event, for example {"action":"move/up"}`)
	}
	return nil
}

// id reads the id of the command; some forms send numbers as text.
func (c *Command) id(d *value.Dict) error {
	v := d.Get(fieldCommand)
	if v.IsNil() {
		v = d.Get(fieldUnix)
	}
	switch v.Kind() {
	case value.Nil:
		return nil
	case value.Number:
		c.ID, c.HasID = v.Num(), true
		return nil
	case value.String:
		if n, err := strconv.ParseFloat(v.Str(), 64); err == nil && value.IsFinite(n) {
			c.ID, c.HasID = n, true
			return nil
		}
	}
	return fmt.Errorf(`"%s" must be a number, the client's unix time in milliseconds`, fieldCommand)
}

// params are the fields that are left. A null counts as not given.
func (c *Command) params(d *value.Dict) value.Value {
	var out *value.Dict
	for k, v := range d.All() {
		switch k {
		case fieldAction, fieldCommand, fieldPing, fieldUnix:
			continue
		case fieldGroup:
			if v.Str() == c.Group {
				continue
			}
		}
		if v.IsNil() {
			continue
		}
		if out == nil {
			out = &value.Dict{}
		}
		out.Set(k, v)
	}
	if out == nil {
		return value.Null
	}
	return value.FromDict(out)
}
