package list

import (
	"testing"

	"kvd/engine/slab"
)

// FuzzEdits makes the changes that the input spells, four bytes each, in both forms
// of a list and in a slice, which must agree.
func FuzzEdits(f *testing.F) {
	f.Add([]byte("\x00\x00\x05\x08\x00\xff\x05\x00\x00\x80\x7e\x03\x01\x80\x01\x00"))
	f.Add([]byte("\x00\x00\x7d\x08\x00\x01\x7e\x00\x00\x01\x7f\x01\x02\x01\xff\x00\x01\x00\x02\x00"))
	pool := slab.NewPool()
	f.Cleanup(pool.Close)
	f.Fuzz(func(t *testing.T, script []byte) {
		large, small := &pair{list: New(slab.NewHeap(pool))}, &pair{}
		for ; len(script) >= 4 && len(large.want) < 300; script = script[4:] {
			n := len(large.want)
			at := int(script[1]) * (n + 1) / 256
			value := make([]byte, int(script[2])*(1+int(script[3]>>6)))
			for i := range value {
				value[i] = script[3] << (i % 8)
			}
			for _, p := range []*pair{large, small} {
				switch op := script[0] % 4; {
				case op == 0 || n == 0:
					if pos, ok := p.between(at, float64(script[3]%16)/16); ok {
						p.insert(at, pos, value)
					}
				case op == 1:
					p.remove(min(at, n-1), 1+int(script[2])*(n-min(at, n-1)-1)/255)
				default:
					p.set(min(at, n-1), value)
				}
			}
		}
		large.list.check(t)
		compare(t, large.list, large.want)
		compare(t, small.packed, large.want)
		large.list.Free()
	})
}
