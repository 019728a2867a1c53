package controllers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

// hashOf is a short hash of a value's JSON.
func hashOf(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // only types of Kubernetes and our own come here
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:16]
}

// sealed notes the hash of an object as it is now in its annotations.
func sealed[T client.Object](o T) T {
	hash := hashOf(o)
	annotations := o.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[annotationHash] = hash
	o.SetAnnotations(annotations)
	return o
}

// sameSeal tells whether there is what is wanted.
func sameSeal(there, wanted client.Object) bool {
	return there.GetAnnotations()[annotationHash] == wanted.GetAnnotations()[annotationHash]
}

// ownedBy is the owner reference of what belongs to an object of ours.
func ownedBy(o client.Object, kind string) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{
		APIVersion: v1alpha1.APIVersion, Kind: kind, Name: o.GetName(), UID: o.GetUID(), Controller: &yes, BlockOwnerDeletion: &yes,
	}}
}

// ownedElsewhere says whose an object is when it is not the owner's.
func ownedElsewhere(o, owner client.Object) error {
	if metav1.IsControlledBy(o, owner) {
		return nil
	}
	whose := "somebody else"
	if c := metav1.GetControllerOf(o); c != nil {
		whose = c.Kind + " " + c.Name
	}
	return fmt.Errorf("there is a %T called %s already that belongs to %s: give the object another name, or delete that one", o, o.GetName(), whose)
}

// isLeftover tells whether an object is of an object of the same kind and name as owner
// that was there before.
func isLeftover(o client.Object, owner *v1alpha1.GameMap) bool {
	c := metav1.GetControllerOf(o)
	return c != nil && c.APIVersion == v1alpha1.APIVersion && c.Kind == "GameMap" && c.Name == owner.Name && c.UID != owner.UID
}

// fetch reads an object, false if there is none.
func fetch(ctx context.Context, c client.Reader, key client.ObjectKey, into client.Object) (bool, error) {
	err := c.Get(ctx, key, into)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// remove deletes an object if it is there.
func remove(ctx context.Context, c client.Client, o client.Object, options ...client.DeleteOption) error {
	return client.IgnoreNotFound(c.Delete(ctx, o, options...))
}
