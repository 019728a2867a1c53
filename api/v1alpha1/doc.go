// Package v1alpha1 holds the kinds of Overworld: GameMap, a map of a game and how
// it runs, and ScriptBundle, the code and data that maps run.
//
// +kubebuilder:object:generate=true
// +groupName=overworld.gg
package v1alpha1

// Group and Version name the API; APIVersion is both, as in manifests.
const (
	Group      = "overworld.gg"
	Version    = "v1alpha1"
	APIVersion = Group + "/" + Version
)
