//go:build !race

package path

// raceEnabled says that the tests run under the race detector.
const raceEnabled = false
