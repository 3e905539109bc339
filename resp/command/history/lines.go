package history

import "fmt"

// maxCells bounds the work of a comparison by lines: above it, what is between the
// common ends goes and comes as a whole.
const maxCells = 1_000_000

// context is how many lines are shown around a change.
const context = 3

// line is a line of a comparison: sign is ' ', '-' or '+'.
type line struct {
	sign byte
	text string
}

// appendLineDiff appends what makes b of a in the unified format, with the names
// of both at the top; nothing if they are equal.
func appendLineDiff(dst []byte, names [2]string, a, b []string) []byte {
	all := compareLines(a, b)
	at := [2]int{1, 1} // the numbers of the lines at from
	titled := false
	for from := 0; from < len(all); {
		first := from
		for first < len(all) && all[first].sign == ' ' {
			first++
		}
		if first == len(all) {
			break
		}
		if !titled {
			dst = fmt.Appendf(dst, "--- %s\n+++ %s\n", names[0], names[1])
			titled = true
		}
		start := max(from, first-context)
		advance(&at, all[from:start])
		end := hunkEnd(all, first)
		dst = appendHunk(dst, at, all[start:end])
		advance(&at, all[start:end])
		from = end
	}
	return dst
}

// hunkEnd returns where the piece ends that has the change at first in it.
func hunkEnd(all []line, first int) int {
	end, same := first, 0
	for i := first; i < len(all) && same <= 2*context; i++ {
		same++
		if all[i].sign != ' ' {
			same, end = 0, i+1
		}
	}
	return min(end+context, len(all))
}

func advance(at *[2]int, part []line) {
	n := counts(part)
	at[0] += n[0]
	at[1] += n[1]
}

// counts returns how many lines of the old and of the new text there are.
func counts(part []line) (n [2]int) {
	for _, l := range part {
		if l.sign != '+' {
			n[0]++
		}
		if l.sign != '-' {
			n[1]++
		}
	}
	return n
}

func appendHunk(dst []byte, at [2]int, part []line) []byte {
	n := counts(part)
	for i := range at {
		if n[i] == 0 {
			at[i]-- // as the format has it, the line before
		}
	}
	dst = fmt.Appendf(dst, "@@ -%d,%d +%d,%d @@\n", at[0], n[0], at[1], n[1])
	for _, l := range part {
		dst = append(append(append(dst, l.sign), l.text...), '\n')
	}
	return dst
}

// compareLines lists the lines of both texts, with the longest common part of them
// as common lines.
func compareLines(a, b []string) []line {
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	all := signed(nil, ' ', a[:head])
	all = compareMiddle(all, a[head:len(a)-tail], b[head:len(b)-tail])
	return signed(all, ' ', a[len(a)-tail:])
}

func signed(dst []line, sign byte, texts []string) []line {
	for _, text := range texts {
		dst = append(dst, line{sign, text})
	}
	return dst
}

// compareMiddle finds the longest common subsequence by its table.
func compareMiddle(dst []line, a, b []string) []line {
	if (len(a)+1)*(len(b)+1) > maxCells {
		return signed(signed(dst, '-', a), '+', b)
	}
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width) // of a[i:] and b[j:]
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
				continue
			}
			longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			dst = append(dst, line{' ', a[i]})
			i++
			j++
		case longest[(i+1)*width+j] >= longest[i*width+j+1]:
			dst = append(dst, line{'-', a[i]})
			i++
		default:
			dst = append(dst, line{'+', b[j]})
			j++
		}
	}
	return signed(signed(dst, '-', a[i:]), '+', b[j:])
}
