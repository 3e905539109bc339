//go:build !linux

package crash

import (
	"testing"

	"kvd/tests/blackbox"
)

func smallDisk(t *testing.T, _ int) string {
	t.Helper()
	blackbox.Missing(t, "file systems in memory")
	return ""
}

func readOnly(*testing.T) string { return "" }
