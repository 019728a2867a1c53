// Package v1alpha1 holds the kinds of Overworld: GameMap, a map of a game and how
// it runs; ScriptBundle, the code and data that maps run; and Fleet, a number of
// equal maps.
//
// +kubebuilder:object:generate=true
// +groupName=overworld.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Group and Version name the API; APIVersion is both, as in manifests.
const (
	Group      = "overworld.dev"
	Version    = "v1alpha1"
	APIVersion = Group + "/" + Version
)

// What a Fleet writes on its GameMaps, for the operator and the gateway.
const (
	// LabelFleet names the fleet.
	LabelFleet = Group + "/fleet"
	// AnnotationDrain is until when the map's players may stay, in RFC 3339: nobody
	// new is sent there.
	AnnotationDrain = Group + "/drain-until"
	// AnnotationPlacement is the fleet's placement.
	AnnotationPlacement = Group + "/placement"
)

// GroupVersion is the API for clients.
var GroupVersion = schema.GroupVersion{Group: Group, Version: Version}

// AddToScheme tells a scheme of the kinds.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &GameMap{}, &GameMapList{}, &ScriptBundle{}, &ScriptBundleList{}, &Fleet{}, &FleetList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
