package hll

// Union is the registers of several HyperLogLogs together: of each the greatest
// rank. The zero value is that of none.
type Union struct {
	ranks [Registers]byte
}

// Merge adds the elements that b has counted. After an error u is of no use.
func (u *Union) Merge(b []byte) error {
	if IsDense(b) {
		eachGroup(b[headerSize:], u.mergeGroup)
		return nil
	}
	return eachRun(b[headerSize:], func(first, n int, rank byte) {
		if rank > 0 {
			for i := first; i < first+n; i++ {
				u.ranks[i] = max(u.ranks[i], rank)
			}
		}
	})
}

func (u *Union) mergeGroup(first int, ranks uint64) {
	if ranks == 0 {
		return
	}
	const mask = 1<<registerBits - 1
	eight := u.ranks[first : first+group]
	for i := range eight {
		eight[i] = max(eight[i], byte(ranks&mask))
		ranks >>= registerBits
	}
}

// Count estimates how many different elements there are.
func (u *Union) Count() uint64 {
	var h histogram
	for _, rank := range u.ranks {
		h[rank&(1<<registerBits-1)]++
	}
	return h.estimate()
}

// Ranks returns the registers, which belong to u.
func (u *Union) Ranks() []byte { return u.ranks[:] }

// Into adds all elements to b as Add does, and says that its noted cardinality
// is out of date even if none was new.
func (u *Union) Into(b []byte, most int64) ([]byte, error) {
	var err error
	for i, rank := range u.ranks {
		if rank == 0 {
			continue
		}
		if b, _, err = raise(b, i, rank, most); err != nil {
			return b, err
		}
	}
	Outdate(b)
	return b, nil
}
