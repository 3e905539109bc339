//go:build !race

package commandtest

// RaceEnabled says that the race detector watches, which allocates by itself.
const RaceEnabled = false
