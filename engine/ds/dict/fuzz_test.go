package dict

import (
	"strings"
	"testing"
)

// FuzzDict plays a program of three bytes an instruction against the model:
// what to do, with which field, and a length or time.
func FuzzDict(f *testing.F) {
	f.Add([]byte{0, 1, 10, 1, 1, 9, 2, 1, 200, 3, 1, 0})
	f.Add([]byte{0, 1, 0, 0, 2, 0, 1, 2, 5, 1, 1, 3, 4, 0, 0, 3, 2, 0})
	f.Fuzz(func(t *testing.T, program []byte) {
		m := newModel(t)
		for ; len(program) >= 3; program = program[3:] {
			field := strings.Repeat(string(program[1]), int(program[1])%70)
			n := int(program[2])
			switch program[0] % 5 {
			case 0:
				m.set(t, field, strings.Repeat("v", n))
			case 1:
				m.expire(t, field, int64(n))
			case 2:
				m.setValue(t, field, strings.Repeat("w", n*n))
			case 3:
				m.delete(t, field)
			case 4:
				m.Dict = m.Clone(m.heap)
			}
		}
		checkDict(t, m.Dict, m.want)
	})
}
