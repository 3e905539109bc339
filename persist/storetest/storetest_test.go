package storetest_test

import (
	"testing"

	"kvd/persist/storetest"
)

func TestMemory(t *testing.T) {
	stores := map[string]*storetest.Memory{}
	storetest.Run(t, func(_ *testing.T, dir string) storetest.Store {
		if m, ok := stores[dir]; ok {
			m.Reopen()
			return m
		}
		stores[dir] = storetest.NewMemory()
		return stores[dir]
	})
}
