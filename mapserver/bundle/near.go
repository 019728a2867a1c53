package bundle

import (
	"fmt"
	"strings"
)

// maxNear is the longest name that is looked up: longer ones are no typos.
const maxNear = 64

// near returns ` (did you mean "x"?)` for the candidate that is most like name,
// "" when none is like it.
func near(name string, candidates []string) string {
	best, found := 1+max(min(1, len(name)/2), len(name)/3), ""
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			found = c
			break
		}
		if len(c) > maxNear || len(name) > maxNear || max(len(c)-len(name), len(name)-len(c)) >= best {
			continue
		}
		if d := distance(name, c); d < best {
			best, found = d, c
		}
	}
	if found == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", found)
}

// distance counts the letters to insert, delete, change or swap with their
// neighbour to get from a to b.
func distance(a, b string) int {
	var before, last, row [maxNear + 1]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// list joins names as in "a, b and c".
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
