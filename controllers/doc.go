// Package controllers turns GameMaps, ScriptBundles and Fleets into pods, Services
// and ConfigMaps, and reports back how the maps are.
//
// Each kind has a reconciler. It reads all that it decides on, decides in a pure
// function (the *_plan.go files), carries the decision out, and writes the status
// at most once. A reconcile of what has not changed writes nothing.
package controllers

// What the operator's objects are marked with.
const (
	labelName      = "app.kubernetes.io/name"
	labelManagedBy = "app.kubernetes.io/managed-by"
	labelMap       = "overworld.dev/gamemap"
	labelFleet     = "overworld.dev/fleet"
	labelBundle    = "overworld.dev/scriptbundle"

	// ManagedBy is the value of app.kubernetes.io/managed-by on all that the operator makes.
	ManagedBy = "overworld"
	// MapServer is the value of app.kubernetes.io/name on maps' pods.
	MapServer = "mapserver"

	// annotationHash is a hash of what the operator wants an object to be. An object
	// with the right hash is left alone.
	annotationHash = "overworld.dev/hash"
	// annotationLaunch of a pod is the launch file of its map server.
	annotationLaunch = "overworld.dev/gamemap"
	// annotationWanted of a pod is the slot and the revision that it is to run.
	annotationWanted = "overworld.dev/revision"
	// annotationDrain of a fleet's map is until when its players may stay.
	annotationDrain = "overworld.dev/drain-until"

	// finalizer holds a GameMap until its server has saved.
	finalizer = "overworld.dev/save"
)

// The ports of a map's pod.
const (
	playersPort = 7000
	statusPort  = 9000

	playersPortName = "players"
	statusPortName  = "status"
)
