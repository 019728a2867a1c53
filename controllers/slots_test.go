package controllers

import (
	"testing"

	"github.com/overworld-gg/overworld/api/v1alpha1"
)

func TestPlanSlots(t *testing.T) {
	blue, green := v1alpha1.SlotBlue, v1alpha1.SlotGreen
	for name, test := range map[string]struct {
		slots   v1alpha1.SlotsStatus
		active  v1alpha1.Slot
		applied []string
		want    slotPlan
	}{
		"the first revision":                {v1alpha1.SlotsStatus{}, "", nil, slotPlan{slot: blue, write: true}},
		"it is there":                       {v1alpha1.SlotsStatus{Blue: "new"}, blue, []string{"new"}, slotPlan{slot: blue}},
		"the second one":                    {v1alpha1.SlotsStatus{Blue: "a"}, blue, []string{"a"}, slotPlan{slot: green, write: true}},
		"back to the one before":            {v1alpha1.SlotsStatus{Blue: "new", Green: "b"}, green, []string{"b"}, slotPlan{slot: blue}},
		"the third one":                     {v1alpha1.SlotsStatus{Blue: "a", Green: "b"}, green, []string{"b"}, slotPlan{slot: blue, write: true}},
		"no map runs the active one":        {v1alpha1.SlotsStatus{Blue: "a", Green: "bad"}, green, []string{"a"}, slotPlan{slot: green, write: true}},
		"maps run both":                     {v1alpha1.SlotsStatus{Blue: "a", Green: "b"}, green, []string{"a", "b"}, slotPlan{slot: green, busy: true}},
		"no map runs, the active one stays": {v1alpha1.SlotsStatus{Blue: "a", Green: "b"}, blue, nil, slotPlan{slot: green, write: true}},
	} {
		if got := planSlots(test.slots, test.active, "new", test.applied); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}
