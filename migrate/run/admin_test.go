package run

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"kvd/engine"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`, "1.0.0", `{"set":{"path":"$.b","value":1}}`)
	try := func(want string, fn func(tx *engine.Tx) error) {
		t.Helper()
		f.tx(func(tx *engine.Tx) {
			if err := fn(tx); err == nil && want != "" || err != nil && (want == "" || !strings.HasPrefix(err.Error(), want)) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
	register := func(text string, replace Replacing) func(tx *engine.Tx) error {
		return func(tx *engine.Tx) error {
			_, err := f.Register(tx, []byte(text), replace)
			return err
		}
	}
	other := `{"version":"1.0.0","target":{"prefix":"u:"},"up":[{"set":{"path":"$.b","value":2}}]}`
	try("ERR invalid migration: version: is missing", register(`{}`, false))
	try("EXISTS migration 1.0.0 is registered with another content", register(other, false))
	try("", register(other, true))
	try("CONFLICT 'u:1' and 'u:' have documents in common", register(`{"version":"1.0.0","target":{"key":"u:1"},"up":[]}`, false))
	try("CONFLICT 'u:' is a prefix", register(`{"version":"1.0.0","target":{"key":"u:"},"up":[]}`, false))
	try("NOTFOUND no collection 'c'", register(`{"version":"1.0.0","target":{"collection":"c"},"up":[]}`, false))
	f.put("u:1", `{}`)
	f.run(Request{Name: "u:"})
	f.want("u:1", `{"b":2}`, "1.0.0")
	first := `{"version":"1.0.0","target":{"prefix":"u:"},"up":[{"set":{"path":"$.b","value":1}}]}`
	try("CONFLICT migration 1.0.0 was applied", register(first, true))
	try("CONFLICT migration 1.0.0 was applied", func(tx *engine.Tx) error { return f.Drop(tx, "u:", "1.0.0") })
	try("NOTFOUND no migration 3.0.0 (latest is 1.0.0)", func(tx *engine.Tx) error { return f.Drop(tx, "u:", "3.0.0") })

	// A form that was changed since is found, and repaired for this version alone.
	try("", func(tx *engine.Tx) error { return f.Repair(tx, "u:", "1.0.0", []byte(first), "me") })
	try("NOTFOUND migration 2.0.0 was not applied", func(tx *engine.Tx) error { return f.Repair(tx, "u:", "2.0.0", nil, "me") })
	f.tx(func(tx *engine.Tx) {
		s := f.book().find(0, "u:")
		tx.PutSetting(regName(&s.Target, "1.0.0"), other)
	})
	if faults, _ := f.Verify(context.Background(), 0, "u:", false); len(faults) != 1 || faults[0].Kind != "checksum" {
		t.Errorf("faults: %v", faults)
	}
	f.tx(func(tx *engine.Tx) {
		s := f.book().find(0, "u:")
		tx.DeleteSetting(regName(&s.Target, "1.0.0"))
	})
	if faults, _ := f.Verify(context.Background(), 0, "u:", true); len(faults) != 2 || faults[0].Kind != "missing" || faults[1].Kind != "version" {
		t.Errorf("faults: %v", faults)
	}
	log, _ := f.History(0, "u:", 10)
	if len(log) != 2 || log[0].Direction != "repair" || log[1].Direction != "up" || log[1].Seq != 1 {
		t.Errorf("the history is %+v", log)
	}
}

// TestVersionsOfDocuments: what is made or arrives has the version of its keys, and
// a baseline is the version of all that say none.
func TestVersionsOfDocuments(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put("u:old", `{}`)
	f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`, "2.0.0", `{"set":{"path":"$.b","value":2}}`)
	f.tx(func(tx *engine.Tx) {
		if err := f.Baseline(tx, "u:", "1.0.0", "me"); err != nil {
			t.Error(err)
		}
	})
	versions := func(want string) {
		t.Helper()
		f.tx(func(tx *engine.Tx) {
			if v, err := f.VersionOf(tx, "u:", []byte("old")); string(v) != want || err != nil {
				t.Errorf("the version is %s, %v, want %s", v, err, want)
			}
		})
	}
	versions("1.0.0")
	f.wantRun(Request{Name: "u:", Down: true, To: "0.0.0"}, "IRREVERSIBLE 1.0.0 is the baseline of 'u:'")
	f.wantRun(Request{Name: "u:"}, "1.0.0 > 2.0.0 [2.0.0]: 1 docs, 1 changed")
	versions("2.0.0")
	f.put("u:new", `{"b":2}`)
	f.want("u:new", `{"b":2}`, "2.0.0")
	f.put("from", `{"b":2}`)
	f.tx(func(tx *engine.Tx) {
		if err := tx.Rename([]byte("from"), []byte("u:moved")); err != nil {
			t.Error(err)
		}
		if _, err := tx.Copy([]byte("u:old"), []byte("u:copy"), 0); err != nil {
			t.Error(err)
		}
	})
	f.want("u:moved", `{"b":2}`, "2.0.0")
	f.tx(func(tx *engine.Tx) {
		if err := f.SetVersion(tx, "u:", []byte("moved"), "1.0.0"); err != nil {
			t.Error(err)
		}
		if err := f.SetVersion(tx, "u:", []byte("moved"), "1.5.0"); err == nil {
			t.Error("a document has a version that there is not")
		}
	})
	f.want("u:moved", `{"b":2}`, "")
	f.wantRun(Request{Name: "u:", Down: true, To: "1.0.0", OnError: Skip}, "2.0.0 > 1.0.0 [2.0.0]: 3 docs, 2 changed, 1 failed")
	f.want("u:copy", `{}`, "")
}

func TestPlanWritesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 250 {
		f.put(fmt.Sprintf("u:%d", i), fmt.Sprintf(`{"n":%d}`, i))
	}
	f.put("u:bad", `{"n":"x"}`)
	f.register(prefix, "1.0.0", `{"cast":{"path":"$.n","to":"integer"}},{"default":{"path":"$.s","value":1}}`)
	p, err := f.Plan(context.Background(), 0, "u:", "", Full)
	if err != nil || p.Docs != 251 || p.Examined != 251 || p.Changes != 250 || p.Invalid != 1 || len(p.Samples) != shownSamples {
		t.Errorf("the plan is %+v, %v", p, err)
	}
	p, _ = f.Plan(context.Background(), 0, "u:", "1.0.0", 10)
	if p.Docs != 251 || p.Examined != 10 || p.Changes+p.Invalid != 10 {
		t.Errorf("the plan of a sample is %+v", p)
	}
	f.want("u:1", `{"n":1}`, "")
	text, err := f.Transform(0, "u:", []byte(`{"n":"5"}`), "", "")
	if err != nil || string(text) != `{"n":5,"s":1}` {
		t.Errorf("transformed: %s, %v", text, err)
	}
	if _, err := f.Transform(0, "u:", []byte(`{"n":5}`), "1.0.0", "0.0.0"); err == nil || !strings.HasPrefix(err.Error(), "IRREVERSIBLE") {
		t.Errorf("transformed back: %v", err)
	}
}

// TestProgressIsPublished: the last message says how the job has ended.
func TestProgressIsPublished(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put("u:1", `{}`)
	f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`)
	f.run(Request{Name: "u:"})
	f.mu.Lock()
	defer f.mu.Unlock()
	last := f.messages[len(f.messages)-1]
	if !strings.HasPrefix(last, `__kvd__:mig:m-1 {"job":"m-1","target":"u:"`) || !strings.Contains(last, `"state":"done"`) {
		t.Errorf("the last message is %s", last)
	}
}
