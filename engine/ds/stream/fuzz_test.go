package stream

import (
	"testing"

	"kvd/engine/slab"
)

// FuzzStream does what the bytes say to a stream and to a list of its IDs: the
// blocks must give back exactly what went in.
func FuzzStream(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0, 9, 9, 9})
	f.Fuzz(func(t *testing.T, ops []byte) {
		pool := slab.NewPool()
		defer pool.Close()
		s := New(slab.NewHeap(pool))
		limits := Limits{Entries: 4, Bytes: 120}
		model := map[ID]byte{}
		for len(ops) >= 3 {
			op, a, b := ops[0], ops[1], ops[2]
			ops = ops[3:]
			id := ID{uint64(a % 16), uint64(b % 8)}
			switch op % 4 {
			case 0:
				s.Load(id, 1, [][]byte{ops[:min(len(ops), int(a%8))], {b}}, limits)
				model[id] = b
			case 1:
				_, had := model[id]
				if s.Delete(id) != had {
					t.Fatalf("deleting %v: had %v", id, had)
				}
				delete(model, id)
			case 2:
				s.Trim(Trim{MaxLen: int64(a % 8), Whole: b%2 == 0}, nil, func(id ID) { delete(model, id) })
			case 3:
				if last, ok := s.Last().Next(); ok {
					s.Append(last, [][]byte{{a}, {b}}, limits)
					model[last] = b
				}
			}
			compare(t, s, model)
		}
	})
}

func compare(t *testing.T, s *Stream, model map[ID]byte) {
	t.Helper()
	for _, dir := range []Direction{Forward, Backward} {
		n := 0
		for c := s.Range(ID{}, Max, dir); c.Next(); n++ {
			_, value := c.Field()
			if want, ok := model[c.ID()]; !ok || len(value) != 1 || value[0] != want {
				t.Fatalf("%v has %v, want %v, %v", c.ID(), value, want, ok)
			}
		}
		if n != len(model) || n != s.Len() {
			t.Fatalf("%d entries, %d counted, want %d", n, s.Len(), len(model))
		}
	}
}
