package geo

// sortFirst sorts list so far that its first count items are in order. It is the
// quicksort of J. Bentley and M. McIlroy ("Engineering a sort function", 1993),
// which leaves out the parts that nobody asked for. redis-server has the same
// one, so that items which compare as equal come in the same order.
func sortFirst[T any](list []T, count int, compare func(a, b *T) int) {
	for count > 0 {
		if len(list) < insertionLimit {
			insertionSort(list, compare)
			return
		}
		less, greater := partition(list, compare)
		if less > 1 {
			sortFirst(list[:less], count, compare)
		}
		rest := len(list) - greater
		if greater <= 1 || count <= rest {
			return
		}
		list, count = list[rest:], count-rest
	}
}

const (
	insertionLimit = 7  // shorter lists are sorted by insertion
	ninesLimit     = 40 // longer ones get a pivot of nine items
)

func insertionSort[T any](list []T, compare func(a, b *T) int) {
	for i := range list {
		for j := i; j > 0 && compare(&list[j-1], &list[j]) > 0; j-- {
			list[j-1], list[j] = list[j], list[j-1]
		}
	}
}

// partition puts what is less than a pivot first, then what equals it, then what
// is greater, and returns how many are less and how many are greater.
func partition[T any](list []T, compare func(a, b *T) int) (less, greater int) {
	p := pivot(list, compare)
	list[0], list[p] = list[p], list[0]

	// Equal ones are gathered at both ends: below a and above d.
	a, b := 1, 1
	c, d := len(list)-1, len(list)-1
	for {
		for ; b <= c; b++ {
			order := compare(&list[b], &list[0])
			if order > 0 {
				break
			}
			if order == 0 {
				list[a], list[b] = list[b], list[a]
				a++
			}
		}
		for ; b <= c; c-- {
			order := compare(&list[c], &list[0])
			if order < 0 {
				break
			}
			if order == 0 {
				list[c], list[d] = list[d], list[c]
				d--
			}
		}
		if b > c {
			break
		}
		list[b], list[c] = list[c], list[b]
		b++
		c--
	}

	swapEnds(list[:b], min(a, b-a))
	swapEnds(list[b:], min(d-c, len(list)-1-d))
	return b - a, d - c
}

// swapEnds exchanges the first n items of a list and the last n.
func swapEnds[T any](list []T, n int) {
	end := len(list) - n
	for i := range n {
		list[i], list[end+i] = list[end+i], list[i]
	}
}

// pivot returns where an item is that is likely in the middle.
func pivot[T any](list []T, compare func(a, b *T) int) int {
	median := func(a, b, c int) int {
		ab, bc := compare(&list[a], &list[b]), compare(&list[b], &list[c])
		switch {
		case ab < 0 && bc < 0, ab >= 0 && bc > 0:
			return b
		case (compare(&list[a], &list[c]) < 0) == (ab < 0):
			return c
		default:
			return a
		}
	}
	n := len(list)
	first, middle, last := 0, n/2, n-1
	if n == insertionLimit {
		return middle
	}
	if n > ninesLimit {
		step := n / 8
		first = median(first, first+step, first+2*step)
		middle = median(middle-step, middle, middle+step)
		last = median(last-2*step, last-step, last)
	}
	return median(first, middle, last)
}
