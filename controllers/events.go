package controllers

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxNote is how long the API server lets an Event's text be.
const maxNote = 1000

// note cuts a text to what an Event can hold.
func note(text string) string {
	if len(text) <= maxNote {
		return text
	}
	cut := maxNote
	for cut > 0 && text[cut]&0xc0 == 0x80 { // not within a character
		cut--
	}
	return text[:cut] + "..."
}

// conditionText is the message of a condition, "" if it is not there.
func conditionText(of []metav1.Condition, kind string) string {
	if c := meta.FindStatusCondition(of, kind); c != nil {
		return c.Message
	}
	return ""
}
