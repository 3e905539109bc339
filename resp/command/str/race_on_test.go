//go:build race

package str

const raceEnabled = true
