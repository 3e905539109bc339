package stream

import (
	"testing"

	"kvd/resp/command"
)

func TestTable(t *testing.T) {
	if _, err := command.NewTable(Family); err != nil {
		t.Error(err)
	}
}
