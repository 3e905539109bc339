package archive

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/engine"
	"kvd/engine/doc"
)

const limit = 1 << 30

var meta = Metadata{FormatVersion: FormatVersion, SnapshotID: "id", Name: "n", CreatedAt: time.Unix(1_700_000_000, 0).UTC()}

// written returns an archive of records, which must be in order.
func written(t testing.TB, records ...Record) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, 1, &meta)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"schemas", "collections", "migrations", "settings"} {
		if err := w.Settings(name, Settings{"name": "value", "\xff": "\x00"}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range records {
		if err := w.Record(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func value(text string) doc.Value {
	v, err := doc.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return v
}

func samples() []Record {
	id := engine.StreamID{MS: 1, Seq: 2}
	return []Record{
		{Key: []byte("a\xff"), Type: String, Value: []byte("\x00\xfe")},
		{Key: []byte("b"), Type: String, Value: []byte("part one "), More: true},
		{Key: []byte("b"), Type: String, Value: []byte("and two")},
		{Key: []byte("c"), Type: List, Expire: 5, Items: []Item{{Name: []byte("x")}, {Name: []byte("\xff")}, {Name: []byte{}}}},
		{Key: []byte("d"), Type: ZSet, Items: []Item{
			{Name: []byte("inf"), Score: math.Inf(1)}, {Name: []byte("m"), Score: math.Inf(-1)}, {Name: []byte("n"), Score: 0.1},
		}},
		{Key: []byte("e"), Type: Hash, Items: []Item{{Name: []byte("f"), Value: []byte("\"\\\n\x01é")}, {Name: []byte("g"), Value: []byte{}, Expire: 9}}},
		{Key: []byte("f"), Type: Stream, Rows: []engine.StreamRow{
			{Kind: engine.StreamConsumerRow, Group: []byte("g"), Consumer: []byte("c\xff"), Seen: -1},
			{Kind: engine.StreamEntryRow, ID: id, Fields: [][]byte{[]byte("f"), []byte("v")}, Added: 3},
			{Kind: engine.StreamGroupRow, ID: id, Group: []byte("g"), Read: engine.StreamUnknown},
			{Kind: engine.StreamStateRow, ID: id, MaxDeleted: id, Added: 7},
			{Kind: engine.StreamPendingRow, ID: id, Group: []byte("g"), Delivered: 4, Count: 2, Consumer: []byte("c\xff")},
		}},
		{Key: []byte("g"), Type: JSON, Doc: value(`{"a":[1.50,null,"é"]}`), Info: engine.DocumentInfo{
			Rev: 9, CreatedRev: 3, Version: 2, Created: 10, Changed: 20, Schema: 4, Migration: "1.0.0", Author: "who", Meta: value(`{"m":1}`),
		}},
		{DB: 2, Key: []byte("a"), Type: Set, Items: []Item{{Name: []byte("m")}}},
	}
}

func TestRoundTrip(t *testing.T) {
	want := samples()
	i := 0
	settings := 0
	got, err := Read(bytes.NewReader(written(t, want...)), limit, Visitor{
		Settings: func(_ string, s Settings) error {
			if s["name"] == "value" && s["\xff"] == "\x00" {
				settings++
			}
			return nil
		},
		Record: func(r *Record, line []byte) error {
			if a, b := string(AppendRecord(nil, r)), string(AppendRecord(nil, &want[i])); a != b || a != string(line) {
				t.Errorf("record %d\n got %swant %s", i, a, b)
			}
			i++
			return nil
		},
	})
	if err != nil || i != len(want) || settings != 4 {
		t.Fatalf("%d records, %d settings, %v", i, settings, err)
	}
	if m := got.Manifest; m.Keys != int64(len(want))-1 || m.Records != int64(len(want)) || got.Metadata.Name != "n" {
		t.Errorf("contents %+v", got)
	}
}

// Any bytes and numbers come back as they were.
func TestRecordsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte())
		r := Record{
			DB: rapid.IntRange(0, 20).Draw(t, "db"), Key: text.Draw(t, "key"), Expire: rapid.Int64Range(0, math.MaxInt64).Draw(t, "px"),
			Type: rapid.SampledFrom([]Type{String, List, Set, Hash, ZSet}).Draw(t, "type"), More: rapid.Bool().Draw(t, "more"),
			Value: text.Draw(t, "value"),
		}
		for range rapid.IntRange(1, 4).Draw(t, "items") {
			r.Items = append(r.Items, Item{
				Name: text.Draw(t, "name"), Value: text.Draw(t, "value"), Expire: rapid.Int64Range(0, 1<<50).Draw(t, "at"),
				Score: rapid.Float64().Draw(t, "score"),
			})
		}
		line := AppendRecord(nil, &r)
		var p Parser
		got, err := p.Parse(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if again := AppendRecord(nil, got); !bytes.Equal(again, line) || !bytes.Equal(got.Key, r.Key) {
			t.Fatalf("got  %s\nwant %s", again, line)
		}
	})
}

func TestMembersHaveALimitedSize(t *testing.T) {
	var list []Record
	for i := range 30 {
		list = append(list, Record{Key: fmt.Appendf(nil, "%03d", i), Type: String, Value: bytes.Repeat([]byte("x"), 500_000)})
	}
	got, err := Read(bytes.NewReader(written(t, list...)), limit, Visitor{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Manifest.Members {
		if m.Bytes > 8<<20 || strings.HasPrefix(m.Name, "data/") && (m.First == nil || m.Last == nil || m.Records == 0) {
			t.Errorf("member %+v", m)
		}
	}
	if n := len(got.Manifest.Members); n < 8 {
		t.Errorf("%d members", n)
	}
}

// What is written is opened by the tools that everybody has.
func TestOrdinaryToolsReadIt(t *testing.T) {
	for _, tool := range []string{"tar", "zstd"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	cmd := exec.Command("tar", "--zstd", "-xOf", "-", "data/000001.jsonl")
	cmd.Stdin = bytes.NewReader(written(t, samples()...))
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte(`{"k64":"Yf8=","t":"string","v64":"AP4="}`)) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestErrorsOfTheReaderAreItsOwn(t *testing.T) {
	broken := errors.New("the disk")
	_, err := Read(&failing{bytes.NewReader(written(t, samples()...)), broken}, limit, Visitor{})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

type failing struct {
	in  *bytes.Reader
	err error
}

func (f *failing) Read(b []byte) (int, error) {
	if f.in.Len() < 100 {
		return 0, f.err
	}
	return f.in.Read(b[:min(len(b), 50)])
}
