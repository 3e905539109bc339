//go:build !race

package doc

// raceEnabled says that the tests run under the race detector.
const raceEnabled = false
