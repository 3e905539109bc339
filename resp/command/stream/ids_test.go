package stream

import (
	"math"
	"testing"

	"kvd/engine"
)

func TestParseID(t *testing.T) {
	const most = math.MaxUint64
	for text, want := range map[string]engine.StreamID{
		"0": {MS: 0, Seq: 7}, "5": {MS: 5, Seq: 7}, "5-3": {MS: 5, Seq: 3}, "005-003": {MS: 5, Seq: 3}, " 5-+3": {MS: 5, Seq: 3},
		"18446744073709551615-18446744073709551615": {MS: most, Seq: most}, "5-3\x00x": {MS: 5, Seq: 3}, "5\x00-3": {MS: 5, Seq: 7},
		// As strtoull has it, a number may be negative if it is not spelt as an integer.
		"1--05": {MS: 1, Seq: most - 4},
	} {
		if got, err := parseID([]byte(text), 7); err != nil || got != want {
			t.Errorf("%q is %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "-", "+", "x", "5-", "5-x", "5-3-1", "5.3", "-5", "5--3", "18446744073709551616", "5-18446744073709551616", "5 ", "5-3 ", "\x005",
	} {
		if got, err := parseID([]byte(text), 7); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestParseEnds(t *testing.T) {
	for _, tt := range []struct {
		text       string
		start, end engine.StreamID
	}{
		{"-", engine.StreamID{}, engine.StreamID{}},
		{"+", engine.MaxStreamID, engine.MaxStreamID},
		{"5", engine.StreamID{MS: 5}, engine.StreamID{MS: 5, Seq: math.MaxUint64}},
		{"(5-1", engine.StreamID{MS: 5, Seq: 2}, engine.StreamID{MS: 5}},
		{"(5", engine.StreamID{MS: 5, Seq: 1}, engine.StreamID{MS: 5, Seq: math.MaxUint64 - 1}},
	} {
		start, err := parseStart([]byte(tt.text))
		end, err2 := parseEnd([]byte(tt.text))
		if err != nil || err2 != nil || start != tt.start || end != tt.end {
			t.Errorf("%q is %v to %v, %v, %v", tt.text, start, end, err, err2)
		}
	}
}

func TestNewID(t *testing.T) {
	last := engine.StreamID{MS: 10, Seq: 4}
	for text, want := range map[string]engine.StreamID{
		"*": {MS: 20}, "10-*": {MS: 10, Seq: 5}, "11-*": {MS: 11}, "10-6": {MS: 10, Seq: 6}, "11": {MS: 11},
	} {
		id, err := parseNewID([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := id.after(last, 20); err != nil || got != want {
			t.Errorf("%q gives %v, %v, want %v", text, got, err, want)
		}
	}
	if got, err := (newID{auto: true}).after(last, 5); err != nil || got != (engine.StreamID{MS: 10, Seq: 5}) {
		t.Errorf("the clock went back: %v, %v", got, err)
	}
	for _, text := range []string{"10-4", "9-*", "9", "5-3"} {
		id, err := parseNewID([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := id.after(last, 20); err == nil {
			t.Errorf("%q gives %v", text, got)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add([]byte("5-3"))
	f.Add([]byte("(0-0"))
	f.Fuzz(func(t *testing.T, text []byte) {
		id, err := parseID(text, 0)
		if err != nil {
			return
		}
		if again, err := parseID(appendID(nil, id), 1); err != nil || again != id {
			t.Errorf("%q is %v, which is read as %v, %v", text, id, again, err)
		}
	})
}
