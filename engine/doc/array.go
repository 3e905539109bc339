package doc

// The functions here append a whole new array to dst; old is an array.

// AppendInserted appends old with the values before its element at index, which
// counts from the end if it is negative; the number of elements is the place
// behind the last. It fails with ErrIndex for any other.
func AppendInserted(dst []byte, old Value, index int, values ...Value) ([]byte, error) {
	n := old.Len()
	if index < -n || index > n {
		return dst, ErrIndex
	}
	if index < 0 {
		index += n
	}
	from, at, end := split(old, index, index)
	dst, c := beginLike(dst, old)
	c.count = n + len(values)
	dst = append(dst, old[from:at]...)
	for _, v := range values {
		dst = append(dst, v...)
	}
	return c.end(append(dst, old[end:]...)), nil
}

// AppendExtended appends old with the values behind its last element.
func AppendExtended(dst []byte, old Value, values ...Value) []byte {
	dst, _ = AppendInserted(dst, old, old.Len(), values...) // the index is in range
	return dst
}

// AppendWithout appends old without its element at index, which must be one.
func AppendWithout(dst []byte, old Value, index int) []byte {
	from, at, end := split(old, index, index+1)
	dst, c := beginLike(dst, old)
	c.count = old.Len() - 1
	dst = append(dst, old[from:at]...)
	return c.end(append(dst, old[end:]...))
}

// AppendTrimmed appends the elements of old from start to stop, both included;
// negative ones count from the end. Nothing is left if there are none.
func AppendTrimmed(dst []byte, old Value, start, stop int) []byte {
	n := old.Len()
	start, stop = fromEnd(start, n), fromEnd(stop, n)
	start = max(start, 0)
	stop = min(stop, n-1)
	if start > stop {
		return append(dst, tagArray)
	}
	_, at, end := split(old, start, stop+1)
	dst, c := begin(dst, tagArray)
	c.count = stop + 1 - start
	return c.end(append(dst, old[at:end]...))
}

// PopIndex returns the element that JSON.ARRPOP means by index in an array of n
// elements, at least one: negative ones count from the end, and what is out of
// range is the nearest end.
func PopIndex(index, n int) int {
	return min(max(fromEnd(index, n), 0), n-1)
}

func fromEnd(index, n int) int {
	if index < 0 {
		return index + n
	}
	return index
}

// IndexOf returns the first index from start on and below stop where the array v
// has an element that is Equal to what, or -1. Negative indexes count from the
// end, a stop of 0 is the end, a start out of range is the nearest end.
func (v Value) IndexOf(what Value, start, stop int) int {
	n := v.Len()
	if n == 0 || stop < -n {
		return -1
	}
	start = PopIndex(start, n)
	if stop = fromEnd(stop, n); stop == 0 || stop > n {
		stop = n
	}
	i := 0
	for it := v.Items(); i < stop && it.Next(); i++ {
		if i >= start && Equal(it.Value(), what) {
			return i
		}
	}
	return -1
}

// split returns where in the bytes of an array its first element begins, its
// element at index i, and the one at index j, which is not before it.
func split(v Value, i, j int) (first, at, end int) {
	it := v.Items()
	first = it.next
	for range i {
		it.Next()
	}
	at = it.next
	for range j - i {
		it.Next()
	}
	return first, at, it.next
}
