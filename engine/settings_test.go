package engine

import (
	"testing"

	"kvd/internal/change"
)

func TestSettingsAreStored(t *testing.T) {
	e := New(Options{Store: Discard{}, Databases: 1})
	defer e.Close()
	var all Lock
	e.AddAll(&all)
	before := e.SettingsVersion()
	tx := e.Begin(0, 1, 0, &all)
	tx.PutSetting("function/a", "code")
	tx.PutSetting("other/b", "x")
	tx.DeleteSetting("function/none")
	if n := len(tx.set.Rows); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	rows := make([]change.Row, len(tx.set.Rows))
	copy(rows, tx.set.Rows)
	tx.Commit()
	if e.SettingsVersion() == before {
		t.Error("a change must give another version")
	}

	again := New(Options{Store: Discard{}, Databases: 1})
	defer again.Close()
	for i := range rows {
		if err := again.Load(&rows[i], false); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := again.Settings("function/"); len(got) != 1 || got["function/a"] != "code" {
		t.Errorf("loaded %q", got)
	}
	if err := again.Load(&change.Row{Op: change.Delete, Kind: change.Meta, Key: []byte("function/a")}, false); err != nil {
		t.Fatal(err)
	}
	if got, _ := again.Settings("function/"); len(got) != 0 {
		t.Errorf("after the row of its removal: %q", got)
	}
}
