package wire

// Ahead appends to keys the first argument of each command that Next is about to
// return, up to the room that keys has, and returns the result. It is a hint: it
// looks only at what has come whole and is in the usual form, checks no limit,
// and changes nothing. The slices are as short-lived as those of Next.
func (in *Input) Ahead(keys [][]byte) [][]byte {
	if in.left > 0 || in.err != nil {
		return keys
	}
	b := in.buf[:in.end]
	for p := in.pos; len(keys) < cap(keys) && p < len(b) && b[p] == '*'; {
		n, next := number(b, p)
		if next == 0 || n < 2 {
			break
		}
		var key []byte
		for i := range n {
			var arg []byte
			if arg, next = bulk(b, next); next == 0 {
				return keys
			}
			if i == 1 {
				key = arg
			}
		}
		keys, p = append(keys, key), next
	}
	return keys
}

// bulk returns the argument whose header is at b[p], and where what follows it
// begins; that is 0 if it has not come whole.
func bulk(b []byte, p int) (arg []byte, next int) {
	if p >= len(b) || b[p] != '$' {
		return nil, 0
	}
	n, at := number(b, p)
	if at == 0 || n > int64(len(b)-at-2) {
		return nil, 0
	}
	end := at + int(n)
	return b[at:end:end], end + 2
}
