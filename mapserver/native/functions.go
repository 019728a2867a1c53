package native

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
	"github.com/overworld-gg/overworld/mapserver/world"
)

// functionTable is the functions of one sort of object.
type functionTable struct {
	functions []*script.Function
	names     []string // the last parts of the functions' names
}

func tableOf(functions ...*script.Function) functionTable {
	t := functionTable{functions: functions}
	for _, f := range functions {
		t.names = append(t.names, f.Name[strings.LastIndexByte(f.Name, '.')+1:])
	}
	return t
}

// Functions are all functions that the native game gives to scripts, beside
// those of script.Builtins. The documentation is made of them.
func Functions() []*script.Function {
	return slices.Concat(objectsTable.functions, entityTable.functions, eventsTable.functions, eventTable.functions, groundTable.functions)
}

// Parameters that several functions have.
var (
	paramX = script.Param{Name: "x", Type: "number", Doc: "tiles from the left edge of the map"}
	paramY = script.Param{Name: "y", Type: "number", Doc: "tiles from the upper edge"}
)

// The functions of objects.
var objectsTable = tableOf(
	&script.Function{
		Name: "objects.add",
		Doc: "Puts a new entity on the map and runs its enter code. Without x and y, or where that tile cannot be walked on, " +
			"it gets a random free place. Fails for players, who come by signing in, and for fields or components that do not exist.",
		Params: []script.Param{
			{Name: "type", Type: "string", Doc: `"enemys", "animals" or "objects"`},
			{Name: "data", Type: "table", Optional: true, Doc: "prefab, x, y, z, sort, side, action, speed, and components, a table"},
		},
		Returns: "table: the entity",
		Call:    addObject,
	},
	&script.Function{
		Name:    "objects.remove",
		Doc:     "Takes an entity off the map, as objects[key] = nil does. Its leave code is run.",
		Params:  []script.Param{{Name: "key", Type: "string", Doc: `the entity's key, for example "enemys_3"`}},
		Returns: "boolean: whether there was such an entity",
		Call:    removeObject,
	},
	&script.Function{
		Name:   "objects.send",
		Doc:    "Sends a packet to all players of the map. Their clients get the table as one JSON object.",
		Params: []script.Param{{Name: "packet", Type: "table", Doc: "what is sent"}},
		Call: func(recv script.Object, args []value.Value) (value.Value, error) {
			h := recv.(*objects).host
			if _, err := h.there(); err != nil {
				return value.Null, err
			}
			return value.Null, h.broadcast(args[0])
		},
	},
	&script.Function{
		Name: "objects.near",
		Doc:  "Finds the entities around a place, the nearest first.",
		Params: []script.Param{
			paramX, paramY,
			{Name: "radius", Type: "number", Doc: "the greatest distance, in tiles"},
			{Name: "type", Type: "string", Optional: true, Doc: "only entities of this type"},
		},
		Returns: "table: a list of entities",
		Call:    nearObjects,
	},
)

func entityType(name string) (world.Type, error) {
	if t, ok := world.ParseType(name); ok {
		return t, nil
	}
	return 0, fmt.Errorf("there is no entity type %q: it must be players, enemys, animals or objects", name)
}

func addObject(recv script.Object, args []value.Value) (value.Value, error) {
	h := recv.(*objects).host
	w, err := h.there()
	if err != nil {
		return value.Null, err
	}
	t, err := entityType(args[0].Str())
	if err != nil {
		return value.Null, err
	}
	e, err := w.Add(t, args[1])
	if err != nil {
		return value.Null, fmt.Errorf("objects.add: %w", err)
	}
	return h.entity(e), nil
}

func removeObject(recv script.Object, args []value.Value) (value.Value, error) {
	w, err := recv.(*objects).host.there()
	if err != nil {
		return value.Null, err
	}
	e := w.Entity(args[0].Str())
	if e == nil {
		return value.FromBool(false), nil
	}
	return value.FromBool(true), w.Remove(e)
}

func nearObjects(recv script.Object, args []value.Value) (value.Value, error) {
	h := recv.(*objects).host
	w, err := h.there()
	if err != nil {
		return value.Null, err
	}
	only, all := world.Type(0), true
	if !args[3].IsNil() {
		if only, err = entityType(args[3].Str()); err != nil {
			return value.Null, err
		}
		all = false
	}
	type found struct {
		e        *world.Entity
		distance float64
	}
	var near []found
	x, y, radius := args[0].Num(), args[1].Num(), args[2].Num()
	for e := range w.All {
		if !all && e.Type() != only {
			continue
		}
		ex, ey, _ := e.Position()
		if d := (ex-x)*(ex-x) + (ey-y)*(ey-y); radius >= 0 && d <= radius*radius {
			near = append(near, found{e, d})
		}
	}
	slices.SortStableFunc(near, func(a, b found) int { return cmp.Compare(a.distance, b.distance) })
	out := make([]value.Value, len(near))
	for i, f := range near {
		out[i] = h.entity(f.e)
	}
	return value.FromList(out...), nil
}

// The functions of an entity.
var entityTable = tableOf(
	&script.Function{
		Name: "object.remove",
		Doc:  "Takes the entity off the map. Its leave code is run; a player's connection is ended.",
		Call: func(recv script.Object, _ []value.Value) (value.Value, error) {
			o := recv.(*object)
			return value.Null, o.host.world.Remove(o.e)
		},
	},
	&script.Function{
		Name:    "object.position",
		Doc:     "Returns the place of the entity as a text.",
		Returns: `string: "x,y,z"`,
		Call: func(recv script.Object, _ []value.Value) (value.Value, error) {
			x, y, z := recv.(*object).e.Position()
			b := value.AppendNumber(make([]byte, 0, 24), x)
			b = value.AppendNumber(append(b, ','), y)
			b = value.AppendNumber(append(b, ','), z)
			return value.FromString(string(b)), nil
		},
	},
	&script.Function{
		Name:   "object.send",
		Doc:    "Sends a packet to this player only; fails for other entities. The client gets the table as one JSON object.",
		Params: []script.Param{{Name: "packet", Type: "table", Doc: "what is sent"}},
		Call: func(recv script.Object, args []value.Value) (value.Value, error) {
			o := recv.(*object)
			if o.e.Type() != world.Players {
				return value.Null, fmt.Errorf("send: only players can be sent packets, %s is not one", o.e.Key())
			}
			return value.Null, o.host.send(o.e, args[0])
		},
	},
)

// The functions of object.events.
var eventsTable = tableOf(
	&script.Function{
		Name: "object.events.add",
		Doc: "Makes an event pending on the entity, in place of the one of the same group that was. It runs in the next frame, " +
			"or when the group's timeout is over. Fails for events that do not exist and for wrong parameters.",
		Params: []script.Param{
			{Name: "group", Type: "string", Doc: "the group of the event"},
			{Name: "action", Type: "string", Optional: true, Doc: `the event; "index" when left out`},
			{Name: "params", Type: "table", Optional: true, Doc: "its parameters by name"},
		},
		Call: func(recv script.Object, args []value.Value) (value.Value, error) {
			e, err := recv.(*events).group(args[0].Str())
			if err != nil {
				return value.Null, err
			}
			return value.Null, e.Add(args[1].Str(), args[2])
		},
	},
	&script.Function{
		Name:   "object.events.remove",
		Doc:    "Clears the pending event of a group, if there is one. The time of the group stays.",
		Params: []script.Param{{Name: "group", Type: "string", Doc: "the group"}},
		Call: func(recv script.Object, args []value.Value) (value.Value, error) {
			e, err := recv.(*events).group(args[0].Str())
			if err != nil {
				return value.Null, err
			}
			e.Remove()
			return value.Null, nil
		},
	},
)

// resetTime is there by two names, as in the original service.
func resetTime(name string) *script.Function {
	return &script.Function{
		Name:   name,
		Doc:    "Starts the timeout of the group again from now.",
		Params: []script.Param{{Name: "seconds", Type: "number", Optional: true, Doc: "how long; the group's own timeout when left out"}},
		Call: func(recv script.Object, args []value.Value) (value.Value, error) {
			return value.Null, recv.(*event).v.ResetTime(args[0])
		},
	}
}

// The functions of one group, object.events[group].
var eventTable = tableOf(
	&script.Function{
		Name: "event.remove",
		Doc:  "Clears the pending event of this group: its action, data and command_id. The time stays.",
		Call: func(recv script.Object, _ []value.Value) (value.Value, error) {
			recv.(*event).v.Remove()
			return value.Null, nil
		},
	},
	&script.Function{
		Name:    "event.timeout",
		Doc:     "Returns the pause after an event of this group, as it is for the entity now.",
		Returns: "number: seconds",
		Call: func(recv script.Object, _ []value.Value) (value.Value, error) {
			return value.FromNumber(recv.(*event).v.Timeout()), nil
		},
	},
	resetTime("event.resetTime"),
	resetTime("event.resetTimeout"),
)

// ground is the global table map.
type ground struct {
	host    *host
	methods methods
	proxy   script.Proxy
}

// groundFields are the fields of map, in the order in which pairs gives them.
var groundFields = []string{"id", "x", "y", "width", "height", "sides"}

// Get reads a field, or returns a function.
func (g *ground) Get(key string) (value.Value, error) {
	b := g.host.terrain.Bounds()
	switch key {
	case "id":
		return world.MapID(g.host.mapID), nil
	case "x":
		return value.FromNumber(float64(b.X)), nil
	case "y":
		return value.FromNumber(float64(b.Y)), nil
	case "width":
		return value.FromNumber(float64(b.W)), nil
	case "height":
		return value.FromNumber(float64(b.H)), nil
	case "sides":
		return g.host.sides, nil
	}
	m, _ := g.methods.get(key)
	return m, nil
}

// Set fails: the ground never changes.
func (g *ground) Set(string, value.Value) error {
	return fmt.Errorf("the map cannot be changed by scripts")
}

// Next walks over the fields.
func (g *ground) Next(key string) (string, value.Value, bool) {
	i := slices.Index(groundFields, key) + 1
	if i >= len(groundFields) || key != "" && i == 0 {
		return "", value.Null, false
	}
	v, _ := g.Get(groundFields[i])
	return groundFields[i], v, true
}

// Proxy is part of script.Object.
func (g *ground) Proxy() *script.Proxy { return &g.proxy }

// The functions of map.
var groundTable = tableOf(
	&script.Function{
		Name:    "map.walkable",
		Doc:     "Tells whether a tile can be walked on. Tiles outside the map cannot.",
		Params:  []script.Param{paramX, paramY},
		Returns: "boolean",
		Call: func(recv script.Object, args []value.Value) (value.Value, error) {
			t := tile(args)
			return value.FromBool(recv.(*ground).host.terrain.Walkable(t[0], t[1])), nil
		},
	},
	&script.Function{
		Name: "map.path",
		Doc:  "Finds a shortest way over tiles that can be walked on, diagonally only where both tiles beside are free.",
		Params: []script.Param{
			{Name: "x1", Type: "number", Doc: "where the way begins"}, {Name: "y1", Type: "number"},
			{Name: "x2", Type: "number", Doc: "where it leads"}, {Name: "y2", Type: "number"},
			{Name: "limit", Type: "number", Optional: true, Doc: "how many tiles are looked at before it gives up (10,000)"},
		},
		Returns: "table: a list of {x=, y=}, the tiles after the first up to the last; nil when there is no way",
		Call:    findPath,
	},
	&script.Function{
		Name: "map.free",
		Doc:  "Picks a random tile that can be walked on, one without an entity while there is one.",
		Params: []script.Param{
			{Name: "x", Type: "number", Optional: true, Doc: "the area's first tile; the whole map when left out"},
			{Name: "y", Type: "number", Optional: true},
			{Name: "width", Type: "number", Optional: true, Doc: "the area's size, in tiles"},
			{Name: "height", Type: "number", Optional: true},
		},
		Returns: "table: {x=, y=}; nil when there is none",
		Call:    freeTile,
	},
)

// tile is the tile that a place belongs to.
func tile(at []value.Value) [2]int { return [2]int{floor(at[0].Num()), floor(at[1].Num())} }

// floor rounds down, and far beyond any map stays far beyond it.
func floor(f float64) int {
	if math.IsNaN(f) {
		return 1 << 30
	}
	return int(math.Floor(max(-1<<30, min(1<<30, f))))
}

func findPath(recv script.Object, args []value.Value) (value.Value, error) {
	tiles, ok := recv.(*ground).host.terrain.Path(tile(args), tile(args[2:]), floor(args[4].Num()))
	if !ok {
		return value.Null, nil
	}
	out := make([]value.Value, len(tiles))
	for i, t := range tiles {
		out[i] = point(t[0], t[1])
	}
	return value.FromList(out...), nil
}

func point(x, y int) value.Value {
	d := &value.Dict{}
	d.Set("x", value.FromNumber(float64(x)))
	d.Set("y", value.FromNumber(float64(y)))
	return value.FromDict(d)
}

func freeTile(recv script.Object, args []value.Value) (value.Value, error) {
	w, err := recv.(*ground).host.there()
	if err != nil {
		return value.Null, err
	}
	area := world.Rect{X: floor(args[0].Num()), Y: floor(args[1].Num()), W: floor(args[2].Num()), H: floor(args[3].Num())}
	x, y, ok := w.Free(area)
	if !ok {
		return value.Null, nil
	}
	return point(x, y), nil
}
