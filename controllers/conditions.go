package controllers

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// conditions changes a list of conditions; what stays the same keeps its time.
type conditions struct {
	of         []metav1.Condition
	generation int64
}

func (c *conditions) set(kind string, fine bool, reason, message string) {
	status := metav1.ConditionFalse
	if fine {
		status = metav1.ConditionTrue
	}
	c.put(kind, status, reason, message)
}

// unknown is for what cannot be told at the moment.
func (c *conditions) unknown(kind, reason, message string) {
	c.put(kind, metav1.ConditionUnknown, reason, message)
}

func (c *conditions) put(kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(&c.of, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: message, ObservedGeneration: c.generation,
	})
}

// isTrue tells whether a condition is True.
func isTrue(of []metav1.Condition, kind string) bool { return meta.IsStatusConditionTrue(of, kind) }

// reasonOf is the reason of a condition, "" if it is not there.
func reasonOf(of []metav1.Condition, kind string) string {
	if c := meta.FindStatusCondition(of, kind); c != nil {
		return c.Reason
	}
	return ""
}
