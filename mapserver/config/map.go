// Package config is the launch file of a map server: the GameMap manifest itself,
// so that the same file starts a map on a laptop and in a cluster.
package config

import "time"

// Map is what one map is started with: live values, checked and complete.
type Map struct {
	// ID is the id of the map: spec.id, or the GameMap's name.
	ID string
	// Bundle names the ScriptBundle; BundleDir is its folder on a laptop, "" when
	// the bundle is among the manifests.
	Bundle, BundleDir string
	// Dialect is the system that the bundle is written for, "" for Overworld's own, and
	// Entry the path of its entry file.
	Dialect, Entry string
	// Terrain is the path of the Tiled map, "" for the one that world.yaml names.
	Terrain string
	// Host and Port are where players connect.
	Host string
	Port int
	// MaxPlayers is how many players the map lets in.
	MaxPlayers int
	// TickRate is frames per second, SendRate how many of them are sent.
	TickRate, SendRate int
	// Compression offers permessage-deflate to clients.
	Compression bool
	// Dictionaries writes entities by key, ListsAsObjects lists as {"1":...}.
	Dictionaries, ListsAsObjects bool
	// Neighbours are the maps on the sides of this one, by the name of the side.
	Neighbours map[string]string
	// Persistent keeps the map and its players.
	Persistent bool
	// SaveEvery is the time between saves, DrainFor how long a stop may take.
	SaveEvery, DrainFor time.Duration
	// CallBudget and ScriptMemory bound the scripts: the time of one call, and the
	// bytes that their data may take.
	CallBudget   time.Duration
	ScriptMemory int64
}

// Default returns a map with the defaults of the GameMap kind.
func Default(id string) Map {
	return Map{
		ID:           id,
		MaxPlayers:   500,
		TickRate:     60,
		SendRate:     60,
		Compression:  true,
		Persistent:   true,
		SaveEvery:    5 * time.Second,
		DrainFor:     20 * time.Second,
		CallBudget:   50 * time.Millisecond,
		ScriptMemory: 128 << 20,
	}
}
