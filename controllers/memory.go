package controllers

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// memory remembers one result for each object, as long as its version is the
// same. The zero memory is empty. Safe for concurrent use.
type memory[T any] struct {
	mu  sync.Mutex
	got map[types.NamespacedName]remembered[T]
}

type remembered[T any] struct {
	version string
	value   T
}

func (m *memory[T]) recall(key types.NamespacedName, version string) (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.got[key]
	return r.value, ok && r.version == version
}

func (m *memory[T]) remember(key types.NamespacedName, version string, value T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.got == nil {
		m.got = make(map[types.NamespacedName]remembered[T])
	}
	m.got[key] = remembered[T]{version, value}
}

func (m *memory[T]) forget(key types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.got, key)
}
