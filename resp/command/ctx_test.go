package command_test

import (
	"errors"
	"testing"

	"kvd/resp/command"
)

func TestHeavyOnlyOnALoop(t *testing.T) {
	c := command.Ctx{OnLoop: true}
	if err := c.Heavy(50_000); err != nil {
		t.Errorf("a millisecond's work is refused: %v", err)
	}
	if err := c.Heavy(50_001); !errors.Is(err, command.ErrHeavy) {
		t.Errorf("too much for a loop: %v", err)
	}
	c.OnLoop = false
	if err := c.Heavy(1 << 30); err != nil {
		t.Errorf("a worker has all the time: %v", err)
	}
}

func TestAwaits(t *testing.T) {
	c := command.Ctx{Args: [][]byte{[]byte("blpop"), []byte("a"), []byte("b"), []byte("a"), []byte("0")}}
	for i := 1; i <= 3; i++ {
		if !c.Awaits(i) {
			t.Errorf("key %d is not looked at in the first place", i)
		}
	}
	c.Ready = []byte("a")
	if !c.Awaits(1) || c.Awaits(2) || !c.Awaits(3) {
		t.Error("a client that is served looks at other keys than the one that is ready")
	}
}
