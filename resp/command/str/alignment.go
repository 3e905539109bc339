package str

// alignment is a longest common subsequence of two texts, found by the usual
// dynamic program over prefixes (Wagner and Fischer). Two rows of lengths are
// kept; the way back needs one bit for each pair of letters.
type alignment struct {
	a, b   []byte
	length int64
	// up has a bit for each pair: whether the way back leaves the letter of a
	// out, instead of the one of b, where the two are different.
	up    []uint64
	width int // words of a row of up
}

// detail is what an alignment is needed for.
type detail uint8

const (
	lengthOnly detail = iota
	withSteps
)

func newAlignment(a, b []byte, d detail) *alignment {
	al := &alignment{a: a, b: b}
	if d == withSteps {
		al.width = (len(b) + 63) / 64
		al.up = make([]uint64, len(a)*al.width)
	}
	row := make([]uint32, len(b)+1)
	for i, x := range a {
		al.fillRow(i, x, row)
	}
	al.length = int64(row[len(b)])
	return al
}

// fillRow turns the lengths for the first i letters of a into those for one
// more, x.
func (al *alignment) fillRow(i int, x byte, row []uint32) {
	var diagonal, left uint32
	var steps []uint64
	if al.up != nil {
		steps = al.up[i*al.width : (i+1)*al.width]
	}
	for j, y := range al.b {
		above := row[j+1]
		switch {
		case x == y:
			left = diagonal + 1
		case above > left:
			left = above
			if steps != nil {
				steps[j/64] |= 1 << (j % 64)
			}
		}
		row[j+1], diagonal = left, above
	}
}

// walk calls visit for each pair of equal letters on the way back.
func (al *alignment) walk(visit func(i, j int)) {
	for i, j := len(al.a)-1, len(al.b)-1; i >= 0 && j >= 0; {
		switch {
		case al.a[i] == al.b[j]:
			visit(i, j)
			i--
			j--
		case al.up[i*al.width+j/64]>>(j%64)&1 == 1:
			i--
		default:
			j--
		}
	}
}

// subsequence returns the letters.
func (al *alignment) subsequence() []byte {
	out := make([]byte, al.length)
	at := len(out)
	al.walk(func(i, _ int) {
		at--
		out[at] = al.a[i]
	})
	return out
}

// match is a part of both texts: where it begins in each, and its length.
type match struct{ a, b, length int }

// matches returns the parts that are whole in both texts, the last one first.
func (al *alignment) matches() []match {
	var list []match
	al.walk(func(i, j int) {
		if n := len(list); n > 0 && list[n-1].a == i+1 && list[n-1].b == j+1 {
			list[n-1] = match{i, j, list[n-1].length + 1}
			return
		}
		list = append(list, match{i, j, 1})
	})
	return list
}
