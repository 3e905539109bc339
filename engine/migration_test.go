package engine

import (
	"testing"

	"kvd/engine/doc"
)

// shaped writes a document as a migration does.
func shaped(t *testing.T, tx *Tx, key, text, version, undo string) {
	t.Helper()
	v, err := doc.Parse([]byte(text))
	if err == nil {
		err = tx.PutDocuments(DocumentPut{
			Key: []byte(key), Value: v, Expire: Keep, Shape: &DocumentShape{Version: version, Undo: []byte(undo)},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A document keeps its version when it is written, and loses what restores it.
func TestDocumentShape(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) { putJSON(t, tx, "a", `{"n":1}`, NoExpiry) })
	do(e, func(tx *Tx) { shaped(t, tx, "a", `{"n":2}`, "1.0.0", "undo\x00it") })
	do(e, func(tx *Tx) {
		info := wantJSON(t, tx, "a", `{"n":2}`)
		if info.Migration != "1.0.0" || string(info.Undo) != "undo\x00it" || info.Rev != 2 || info.Version != 2 {
			t.Errorf("after a migration: %+v", info)
		}
	})
	do(e, func(tx *Tx) { shaped(t, tx, "a", `{"n":2}`, "1.1.0", "u") })
	do(e, func(tx *Tx) {
		if info := wantJSON(t, tx, "a", `{"n":2}`); info.Rev != 2 || info.Migration != "1.1.0" || string(info.Undo) != "u" {
			t.Errorf("after one that changes nothing: %+v", info)
		}
	})
	do(e, func(tx *Tx) { putJSON(t, tx, "a", `{"n":3}`, NoExpiry) })
	do(e, func(tx *Tx) {
		if info := wantJSON(t, tx, "a", `{"n":3}`); info.Migration != "1.1.0" || len(info.Undo) > 0 || info.Version != 3 {
			t.Errorf("after a write: %+v", info)
		}
	})
}

// What is made has the version of its keys, and what arrives too, unless it has one.
func TestShapesOfKeys(t *testing.T) {
	e, _ := newEngine(t)
	var noted []string
	e.SetShapes([]Shape{
		{DB: 0, Name: "u:", Prefix: true, Made: "2.0.0", Arrived: "1.0.0", Note: func(key []byte) { noted = append(noted, string(key)) }},
		{DB: 0, Name: "k", Made: "3.0.0"},
	})
	do(e, func(tx *Tx) {
		putJSON(t, tx, "u:1", `1`, NoExpiry)
		putJSON(t, tx, "k", `1`, NoExpiry)
		putJSON(t, tx, "k2", `1`, NoExpiry)
		if _, err := tx.Copy([]byte("k2"), []byte("u:2"), 0); err != nil {
			t.Error(err)
		}
		if err := tx.Rename([]byte("k"), []byte("u:3")); err != nil {
			t.Error(err)
		}
		for key, want := range map[string]string{"u:1": "2.0.0", "k2": "", "u:2": "1.0.0", "u:3": "3.0.0"} {
			if info := wantJSON(t, tx, key, `1`); info.Migration != want {
				t.Errorf("%s has the version %q, want %q", key, info.Migration, want)
			}
		}
	})
	if len(noted) != 3 {
		t.Errorf("noted are %q", noted)
	}
	e.SetShapes(nil)
	do(e, func(tx *Tx) {
		putJSON(t, tx, "u:4", `1`, NoExpiry)
		if info := wantJSON(t, tx, "u:4", `1`); info.Migration != "" {
			t.Errorf("without shapes the version is %q", info.Migration)
		}
	})
}
