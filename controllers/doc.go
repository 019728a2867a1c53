// Package controllers turns GameMaps, ScriptBundles and Fleets into pods, Services
// and ConfigMaps, and reports back how the maps are.
//
// Each kind has a reconciler. It reads all that it decides on, decides in a pure
// function (the *_plan.go files), carries the decision out, and writes the status
// at most once. A reconcile of what has not changed writes nothing.
package controllers

import "github.com/overworld-gg/overworld/api/v1alpha1"

// What the operator's objects are marked with.
const (
	labelName      = "app.kubernetes.io/name"
	labelManagedBy = "app.kubernetes.io/managed-by"
	labelMap       = "overworld.dev/gamemap"
	labelFleet     = v1alpha1.LabelFleet
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
	// annotationDrain of a fleet's map, and of its pod, is until when its players may
	// stay.
	annotationDrain = v1alpha1.AnnotationDrain
	// annotationSpec of a pod is a hash of what its GameMap says. A pod that differs in
	// it is replaced at once; one that differs in what the operator says waits its turn.
	annotationSpec = "overworld.dev/spec"
	// annotationReplace of a fleet's map is the pod that may be replaced now.
	annotationReplace = "overworld.dev/replace"
	// annotationRefresh of a pod changes to make the kubelet look at its volumes.
	annotationRefresh = "overworld.dev/refresh"

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
