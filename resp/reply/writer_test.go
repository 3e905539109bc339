package reply

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"kvd/internal/rediserr"
)

func TestWriterSpelling(t *testing.T) {
	huge, _ := new(big.Int).SetString("1234567890123456789012", 10)
	tests := []struct {
		name         string
		write        func(*Writer)
		resp2, resp3 string
	}{
		{"ok", (*Writer).OK, "+OK\r\n", "+OK\r\n"},
		{"error", func(w *Writer) { w.Error(rediserr.WrongType) }, "-" + rediserr.WrongType.Error() + "\r\n", "-" + rediserr.WrongType.Error() + "\r\n"},
		{"internal error", func(w *Writer) { w.Error(errors.New("secret")) }, "-ERR internal error\r\n", "-ERR internal error\r\n"},
		{"int", func(w *Writer) { w.Int(-7) }, ":-7\r\n", ":-7\r\n"},
		{"bulk", func(w *Writer) { w.Bulk([]byte("a\r\nb")) }, "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n"},
		{"no bulk", func(w *Writer) { w.BulkOrNull(nil) }, "$-1\r\n", "_\r\n"},
		{"empty bulk", func(w *Writer) { w.BulkOrNull([]byte{}) }, "$0\r\n\r\n", "$0\r\n\r\n"},
		{"bulk number", func(w *Writer) { w.BulkInt(42) }, "$2\r\n42\r\n", "$2\r\n42\r\n"},
		{"no array", (*Writer).NullArray, "*-1\r\n", "_\r\n"},
		{"map", func(w *Writer) { w.Map(1); w.Text("k"); w.Int(1) }, "*2\r\n$1\r\nk\r\n:1\r\n", "%1\r\n$1\r\nk\r\n:1\r\n"},
		{"set", func(w *Writer) { w.Set(1); w.Int(1) }, "*1\r\n:1\r\n", "~1\r\n:1\r\n"},
		{"push", func(w *Writer) { w.Push(1); w.Int(1); w.NoReply() }, "*1\r\n:1\r\n", ">1\r\n:1\r\n"},
		{"double", func(w *Writer) { w.Double(1.5) }, "$3\r\n1.5\r\n", ",1.5\r\n"},
		{"true", func(w *Writer) { w.Bool(true) }, ":1\r\n", "#t\r\n"},
		{"false", func(w *Writer) { w.Bool(false) }, ":0\r\n", "#f\r\n"},
		{"big", func(w *Writer) { w.BigInt(huge) }, "$22\r\n1234567890123456789012\r\n", "(1234567890123456789012\r\n"},
		{"verbatim", func(w *Writer) { w.Verbatim("txt", "hi") }, "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n"},
		{"attribute", func(w *Writer) {
			if w.Attr(1) {
				w.Text("ttl")
				w.Int(1)
			}
			w.Int(2)
		}, ":2\r\n", "|1\r\n$3\r\nttl\r\n:1\r\n:2\r\n"},
	}
	for _, tt := range tests {
		for version, want := range map[int]string{2: tt.resp2, 3: tt.resp3} {
			var w Writer
			w.SetProtocol(version)
			mark := w.Mark()
			tt.write(&w)
			if got := join(&w); got != want {
				t.Errorf("%s, RESP%d: %q, want %q", tt.name, version, got, want)
			}
			if !w.Complete(mark) {
				t.Errorf("%s, RESP%d: not counted as one reply", tt.name, version)
			}
		}
	}
}

type blob struct {
	data     string
	released int
}

func (b *blob) Bytes() []byte { return []byte(b.data) }
func (b *blob) Release()      { b.released++ }

// TestSentPiecewise sends output with shared values in every possible step
// width: the bytes must arrive in order, and each value is released once.
func TestSentPiecewise(t *testing.T) {
	want := "+OK\r\n$5\r\nhello\r\n:1\r\n$6\r\nworld!\r\n+OK\r\n"
	for step := 1; step <= len(want); step++ {
		a, b := &blob{data: "hello"}, &blob{data: "world!"}
		var w Writer
		w.OK()
		w.Large(a)
		w.Int(1)
		w.Large(b)
		w.OK()

		var got strings.Builder
		for w.Len() > 0 {
			rest := join(&w)
			if len(rest) != w.Len() {
				t.Fatalf("step %d: Len %d, chunks hold %d", step, w.Len(), len(rest))
			}
			n := min(step, len(rest))
			got.WriteString(rest[:n])
			w.Sent(n)
		}
		if got.String() != want || a.released != 1 || b.released != 1 {
			t.Fatalf("step %d: got %q, released %d and %d", step, got.String(), a.released, b.released)
		}
	}
}

func TestRewindReleases(t *testing.T) {
	kept, dropped := &blob{data: "kept"}, &blob{data: "dropped"}
	var w Writer
	w.Large(kept)
	mark := w.Mark()
	w.Large(dropped)
	w.Rewind(mark)
	w.Error(rediserr.Syntax)
	if got := join(&w); got != "$4\r\nkept\r\n-ERR syntax error\r\n" {
		t.Errorf("after Rewind: %q", got)
	}
	if kept.released != 0 || dropped.released != 1 {
		t.Errorf("released: kept %d, dropped %d", kept.released, dropped.released)
	}
}

func TestCompleteCountsReplies(t *testing.T) {
	var w Writer
	if w.Complete(w.Mark()) && w.Complete(Mark{}) {
		t.Skip("replies are counted in builds with -race or the tag invariants only")
	}
	mark := w.Mark()
	w.Array(2)
	w.Int(1)
	if w.Complete(mark) {
		t.Error("an open array counts as complete")
	}
	w.Map(0)
	if !w.Complete(mark) {
		t.Error("a full array counts as incomplete")
	}
	w.Int(1)
	if w.Complete(mark) {
		t.Error("two replies count as one")
	}
}

func join(w *Writer) string {
	var b strings.Builder
	for _, c := range w.Chunks(nil) {
		b.Write(c)
	}
	return b.String()
}
