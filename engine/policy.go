package engine

import "fmt"

// Policy says which keys make room when memory is full, and how.
type Policy uint8

// The policies. All but the unload ones are Redis's and delete the key; an
// unload policy drops a value from memory that is on disk, where the next use
// finds it.
const (
	NoEviction Policy = iota
	AllKeysLRU
	AllKeysLFU
	AllKeysRandom
	VolatileLRU
	VolatileLFU
	VolatileRandom
	VolatileTTL
	UnloadLRU
	UnloadLFU
)

var policyNames = [...]string{
	NoEviction: "noeviction",
	AllKeysLRU: "allkeys-lru", AllKeysLFU: "allkeys-lfu", AllKeysRandom: "allkeys-random",
	VolatileLRU: "volatile-lru", VolatileLFU: "volatile-lfu", VolatileRandom: "volatile-random", VolatileTTL: "volatile-ttl",
	UnloadLRU: "unload-lru", UnloadLFU: "unload-lfu",
}

// ParsePolicy returns the policy that maxmemory-policy names.
func ParsePolicy(name string) (Policy, error) {
	for p, n := range policyNames {
		if n == name {
			return Policy(p), nil
		}
	}
	return NoEviction, fmt.Errorf("no eviction policy is called %q", name)
}

// String returns the policy's name.
func (p Policy) String() string { return policyNames[p] }

func (p Policy) usesLFU() bool {
	return p == AllKeysLFU || p == VolatileLFU || p == UnloadLFU
}

func (p Policy) volatile() bool { return p >= VolatileLRU && p <= VolatileTTL }

func (p Policy) unloads() bool { return p == UnloadLRU || p == UnloadLFU }

// random reports whether any key is as good a victim as any other.
func (p Policy) random() bool { return p == AllKeysRandom || p == VolatileRandom }
