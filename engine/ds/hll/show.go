package hll

import "strconv"

// AppendRuns appends the runs of a sparse b as text for people: "z:5" and "Z:500"
// are registers of 0, in one and in two bytes, "v:3,2" is the rank 3, twice. What
// is behind damage is left out.
func AppendRuns(dst, b []byte) []byte {
	from := len(dst)
	for r := b[headerSize:]; len(r) > 0; {
		run, ok := runAt(r)
		if !ok {
			break
		}
		if len(dst) > from {
			dst = append(dst, ' ')
		}
		switch {
		case run.rank > 0:
			dst = append(dst, "v:"...)
			dst = strconv.AppendInt(dst, int64(run.rank), 10)
			dst = append(dst, ',')
		case run.size == 1:
			dst = append(dst, "z:"...)
		default:
			dst = append(dst, "Z:"...)
		}
		dst = strconv.AppendInt(dst, int64(run.n), 10)
		r = r[run.size:]
	}
	return dst
}
