package doc

import "testing"

// Reading in place, and parsing, writing and editing into buffers that are large
// enough, allocate nothing.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	in := []byte(sampleText(10 << 10))
	root := mustParse(t, string(in))
	var p Parser
	var e Editor
	buf := make([]byte, 0, 64<<10)
	last, deep, value := []byte("last"), []byte("deep"), []byte("value")
	at := []int{len(root) - 3}
	sum := Edit{Apply: func(dst []byte, _ int, v Value) ([]byte, Outcome, error) {
		var digits [32]byte
		text, err := Calculate(digits[:0], v.Text(), Plus, []byte("1"))
		return AppendNumber(dst, text), Changed, err
	}}
	w := Writer{}
	for name, f := range map[string]func(){
		"member": func() { sink = root.Member(last).Member(deep).Member(value) },
		"items": func() {
			for it := root.Items(); it.Next(); {
				sink = it.Value()
			}
		},
		"parse":   func() { buf, _ = p.Append(buf[:0], in) },
		"text":    func() { w.Buf = w.Buf[:0]; w.Value(root) },
		"rewrite": func() { buf, _, _ = e.Rewrite(buf[:0], root, at, sum) },
		"equal":   func() { Equal(root, root) },
		"compare": func() { CompareNumbers([]byte("12.50"), []byte("1e9")) },
	} {
		f()
		if n := testing.AllocsPerRun(20, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if got := root.At(at[0]); string(got.Text()) != "42" {
		t.Fatalf("the value at the end is %q", got)
	}
}

var sink Value

func BenchmarkParse(b *testing.B) {
	in := []byte(sampleText(10 << 10))
	var p Parser
	var buf []byte
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		buf, _ = p.Append(buf[:0], in)
	}
}

func BenchmarkText(b *testing.B) {
	v := mustParse(b, sampleText(10<<10))
	var buf []byte
	b.SetBytes(int64(len(v)))
	for b.Loop() {
		buf = AppendText(buf[:0], v)
	}
}

func BenchmarkRewrite(b *testing.B) {
	v := mustParse(b, sampleText(10<<10))
	var e Editor
	var buf []byte
	edit := Edit{Apply: func(dst []byte, _ int, _ Value) ([]byte, Outcome, error) {
		return AppendNumber(dst, "43"), Changed, nil
	}}
	at := []int{len(v) - 3}
	for b.Loop() {
		buf, _, _ = e.Rewrite(buf[:0], v, at, edit)
	}
}

func BenchmarkCheck(b *testing.B) {
	v := mustParse(b, sampleText(10<<10))
	b.SetBytes(int64(len(v)))
	for b.Loop() {
		if err := Check(v, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
