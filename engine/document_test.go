package engine

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"kvd/engine/doc"
	"kvd/internal/rediserr"
)

// putJSON writes a document given as text.
func putJSON(t testing.TB, tx *Tx, key, text string, exp Expiry) {
	t.Helper()
	var p doc.Parser
	value, err := p.Append(tx.DocumentBuffer(), []byte(text))
	if err == nil {
		err = tx.PutDocuments(DocumentPut{Key: []byte(key), Value: value, Expire: exp, Event: "json.set"})
	}
	if err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

// getJSON returns a document as text, and its revision data.
func getJSON(t testing.TB, tx *Tx, key string) (string, DocumentInfo) {
	t.Helper()
	d, err := tx.Document([]byte(key))
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	if !d.Exists() {
		return "", DocumentInfo{}
	}
	return string(doc.AppendText(nil, d.Value())), d.Info()
}

func wantJSON(t testing.TB, tx *Tx, key, text string) DocumentInfo {
	t.Helper()
	got, info := getJSON(t, tx, key)
	if got != text {
		t.Errorf("%s is %.80s, want %.80s", key, got, text)
	}
	return info
}

func TestDocument(t *testing.T) {
	e, c := newEngine(t)
	now := c.Now().UnixMilli()
	do(e, func(tx *Tx) {
		putJSON(t, tx, "a", `{"n":1}`, Expiry(now+1000))
		putJSON(t, tx, "b", `[true]`, NoExpiry)
		wantJSON(t, tx, "a", `{"n":1}`)
		info := wantJSON(t, tx, "b", `[true]`)
		want := DocumentInfo{Rev: 1, CreatedRev: 1, Version: 1, Created: now, Changed: now, Meta: doc.Value{}}
		if fmt.Sprint(info) != fmt.Sprint(want) {
			t.Errorf("info %+v, want %+v", info, want)
		}
	})
	c.Advance(5 * time.Millisecond)
	author, meta := "somebody", doc.AppendString(nil, "note")
	do(e, func(tx *Tx) {
		put := DocumentPut{Key: []byte("b"), Value: doc.AppendNull(tx.DocumentBuffer()), Expire: Keep, Event: "json.set", Author: &author, Meta: meta}
		if err := tx.PutDocuments(put); err != nil {
			t.Fatal(err)
		}
		info := wantJSON(t, tx, "b", `null`)
		if info.Rev != 2 || info.CreatedRev != 1 || info.Version != 2 || info.Changed != now+5 || info.Author != author || !bytes.Equal(info.Meta, meta) {
			t.Errorf("info after a change: %+v", info)
		}
		putJSON(t, tx, "a", `2`, Keep)
		if at, _ := tx.Deadline([]byte("a")); int64(at) != now+1000 {
			t.Errorf("the expiry of a document that was changed is %d", at)
		}
		tx.SetString([]byte("s"), []byte("text"), NoExpiry)
		if _, err := tx.Document([]byte("s")); err != rediserr.WrongType {
			t.Errorf("a document of a string: %v", err)
		}
		if err := tx.PutDocuments(DocumentPut{Key: []byte("s"), Value: doc.AppendNull(nil)}); err != rediserr.WrongType {
			t.Errorf("a document over a string: %v", err)
		}
		if _, err := tx.String([]byte("a")); err != rediserr.WrongType {
			t.Errorf("a string of a document: %v", err)
		}
	})
	c.Advance(2 * time.Second)
	do(e, func(tx *Tx) {
		wantJSON(t, tx, "a", "")
		if _, info := getJSON(t, tx, "b"); info.Author != author {
			t.Errorf("author %q", info.Author)
		}
	})
}

// TestDocumentsOfOneTx: documents that one Tx builds stay apart, whatever their
// size.
func TestDocumentsOfOneTx(t *testing.T) {
	e, _ := newEngine(t)
	sizes := []int{1, 100, 2000, 1900, 3000, Large + 1, 20, 2 * Large}
	do(e, func(tx *Tx) {
		for i, n := range sizes {
			putJSON(t, tx, fmt.Sprint(i), fmt.Sprintf("%q", strings.Repeat(fmt.Sprint(i), n)), NoExpiry)
		}
		for i, n := range sizes {
			wantJSON(t, tx, fmt.Sprint(i), fmt.Sprintf("%q", strings.Repeat(fmt.Sprint(i), n)))
		}
	})
}

// TestDocumentsMove: a document under another name is another one, with revision
// data of its own.
func TestDocumentsMove(t *testing.T) {
	e, _ := newEngine(t)
	long := fmt.Sprintf("%q", strings.Repeat("x", 2*Large))
	do(e, func(tx *Tx) {
		putJSON(t, tx, "a", `1`, NoExpiry)
		putJSON(t, tx, "long", long, NoExpiry)
	})
	do(e, func(tx *Tx) {
		if err := tx.Rename([]byte("a"), []byte("b")); err != nil {
			t.Fatal(err)
		}
		if ok, err := tx.Copy([]byte("long"), []byte("longer"), 0); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if ok, err := tx.Move([]byte("long"), 3); !ok || err != nil {
			t.Fatal(ok, err)
		}
	})
	do(e, func(tx *Tx) {
		if info := wantJSON(t, tx, "b", `1`); info.Rev != 2 || info.CreatedRev != 2 || info.Version != 1 {
			t.Errorf("info after a rename: %+v", info)
		}
		wantJSON(t, tx, "longer", long)
		wantJSON(t, tx, "long", "")
		tx.Select(3)
		wantJSON(t, tx, "long", long)
	})
}

// TestDocumentsLoad: documents come back with their revision data, also those that
// stay on disk, and no revision is given out twice.
func TestDocumentsLoad(t *testing.T) {
	e, d, _ := newDiskEngine(t, Options{})
	long := fmt.Sprintf("%q", strings.Repeat("x", 2*Large))
	do(e, func(tx *Tx) {
		putJSON(t, tx, "a", `1`, NoExpiry)
		putJSON(t, tx, "long", long, NoExpiry)
	})
	do(e, func(tx *Tx) { putJSON(t, tx, "gone", `2`, NoExpiry) })
	last := e.Rev()
	do(e, func(tx *Tx) { tx.Delete([]byte("gone")) })
	d.checkpoint()

	after, _ := newEngineWith(t, Options{Store: d})
	folded, _ := d.snapshot()
	for _, row := range folded {
		if err := after.Load(&row, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := after.Loaded(); err != nil {
		t.Fatal(err)
	}
	do(after, func(tx *Tx) {
		if info := wantJSON(t, tx, "a", `1`); info.Rev != 1 || info.Version != 1 {
			t.Errorf("info after a start: %+v", info)
		}
		if _, err := tx.Document([]byte("long")); err != ErrCold {
			t.Errorf("a long document after a start: %v", err)
		}
		if rev := tx.Rev(); rev <= last {
			t.Errorf("revision %d was given out again", rev)
		}
	})
	if err := after.Fetch(0, []byte("long")); err != nil {
		t.Fatal(err)
	}
	do(after, func(tx *Tx) { wantJSON(t, tx, "long", long) })
}

func TestDocumentTrailer(t *testing.T) {
	long := doc.AppendString(nil, strings.Repeat("m", 1000))
	for _, want := range []DocumentInfo{
		{},
		{Rev: 9, CreatedRev: 3, Version: 4, Created: 1e12, Changed: 2e12, Schema: 7, Migration: "1.2.0", Author: "a", Meta: doc.AppendNull(nil)},
		{Rev: 1, Author: strings.Repeat("x", 300), Meta: long},
	} {
		v := doc.AppendString(nil, "document")
		stored := want.appendTrailer(bytes.Clone(v))
		got, trailer, ok := splitDocument(stored)
		info, read := readInfo(trailer)
		if !ok || !read || !bytes.Equal(got, v) || fmt.Sprint(info) != fmt.Sprint(want) {
			t.Errorf("%+v became %+v, %t, %t", want, info, ok, read)
		}
		for n := range len(stored) { // cut off: anything but a panic
			if _, trailer, ok := splitDocument(stored[:n]); ok {
				readInfo(trailer)
			}
		}
	}
}

func TestDocumentsDoNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	e, c := newEngine(t)
	k, now := []byte("key"), c.Now().UnixMilli()
	var p doc.Parser
	text := []byte(`{"id":"task-001","title":"Complete documentation","done":false}`)
	put := func() {
		tx := e.BeginKey(0, now, 0, k)
		value, err := p.Append(tx.DocumentBuffer(), text)
		if err == nil {
			err = tx.PutDocuments(DocumentPut{Key: k, Value: value, Event: "json.set"})
		}
		if tx.Commit(); err != nil {
			t.Error(err)
		}
	}
	put()
	if allocs := testing.AllocsPerRun(200, put); allocs != 0 {
		t.Errorf("put: %v allocations", allocs)
	}
	if allocs := testing.AllocsPerRun(200, func() {
		tx := e.BeginKey(0, now, Reads, k)
		_, _ = tx.Document(k)
		tx.Commit()
	}); allocs != 0 {
		t.Errorf("get: %v allocations", allocs)
	}
}
