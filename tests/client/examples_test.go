package client

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"kvd/tests/blackbox"
)

// TestExamples runs the programs of docs/examples as their readers would.
func TestExamples(t *testing.T) {
	const examples = "../../docs/examples"
	t.Run("Go", func(t *testing.T) {
		t.Parallel()
		program := filepath.Join(t.TempDir(), "example")
		if r := blackbox.Tool(t, scriptWithin, nil, need(t, "go"), "build", "-o", program, examples+"/go"); r.Code != 0 {
			t.Fatal(r.Output)
		}
		succeeds(t, blackbox.Tool(t, scriptWithin, nil, program, serve(t).Addr()))
	})
	t.Run("Python", func(t *testing.T) {
		t.Parallel()
		const python = "/usr/bin/python3"
		if r := blackbox.Tool(t, scriptWithin, nil, need(t, python), "-c", "import redis"); r.Code != 0 {
			blackbox.Missing(t, "redis-py for "+python)
		}
		succeeds(t, blackbox.Tool(t, scriptWithin, nil, python, examples+"/documents.py", strconv.Itoa(serve(t).Port)))
	})
	t.Run("Node", func(t *testing.T) {
		t.Parallel()
		node := need(t, "node")
		modules, err := filepath.Abs("node/node_modules")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(modules, "redis")); err != nil {
			blackbox.Missing(t, "the Node clients (npm ci in tests/client/node)")
		}
		// A module finds others beside itself.
		dir := t.TempDir()
		text, err := os.ReadFile(examples + "/documents.mjs")
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "documents.mjs"), text, 0o600)
		}
		if err == nil {
			err = os.Symlink(modules, filepath.Join(dir, "node_modules"))
		}
		if err != nil {
			t.Fatal(err)
		}
		succeeds(t, blackbox.Tool(t, scriptWithin, nil, node, filepath.Join(dir, "documents.mjs"), strconv.Itoa(serve(t).Port)))
	})
}
