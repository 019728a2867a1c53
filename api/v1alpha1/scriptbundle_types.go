package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ScriptBundle is the code and the data of a game.
//
// +kubebuilder:object:root=true
type ScriptBundle struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ScriptBundleSpec `json:"spec,omitempty"`
}

// ScriptBundleList is a list of bundles.
//
// +kubebuilder:object:root=true
type ScriptBundleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ScriptBundle `json:"items"`
}

// ScriptBundleSpec is what the bundle holds.
type ScriptBundleSpec struct {
	// files maps paths such as "events/move/up.lua" to texts.
	// +optional
	Files map[string]string `json:"files,omitempty"`
}
