package json

import (
	"strings"
	"testing"

	"kvd/engine"
	"kvd/resp/command/commandtest"
)

// harness is the family on an engine in memory.
type harness struct {
	*commandtest.Harness
	lock engine.Lock // of all keys
}

func newHarness(t testing.TB) *harness {
	t.Helper()
	h := &harness{Harness: commandtest.New(t, Family)}
	h.Engine.AddAll(&h.lock)
	return h
}

// do runs a line, word by word, and returns its reply.
func (h *harness) do(args ...string) string {
	line := make([][]byte, len(args))
	for i, a := range args {
		line[i] = []byte(a)
	}
	return string(h.Run(line))
}

// begin locks all keys.
func (h *harness) begin() *engine.Tx {
	return h.Engine.Begin(0, h.Clock.Now().UnixMilli(), 0, &h.lock)
}

// get returns a document as its text, or nothing.
func (h *harness) get(key string) string {
	_, text, _ := strings.Cut(h.do("json.get", key), "\r\n")
	return strings.TrimSuffix(text, "\r\n")
}
