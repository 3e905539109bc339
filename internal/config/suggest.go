package config

import "fmt"

// unknown is the error for a name that no option has. It suggests the nearest.
func unknown(dashes, name string) error {
	if best := nearest(name); best != "" {
		return fmt.Errorf("unknown option %q, did you mean %q?", dashes+name, dashes+best)
	}
	return fmt.Errorf("unknown option %q", dashes+name)
}

// nearest returns the option, or alias, that is fewest edits from name; "" if
// none is close enough to be meant.
func nearest(name string) string {
	const longest = 64 // names beyond it are no typing errors
	if len(name) > longest {
		return ""
	}
	best, least := "", max(2, len(name)/3)+1
	for i := range params {
		for _, candidate := range append([]string{params[i].Name}, params[i].Aliases...) {
			if d := distance(name, candidate); d < least {
				best, least = candidate, d
			}
		}
	}
	return best
}

// distance is the Levenshtein distance: the insertions, deletions and
// replacements of bytes that turn a into b (Wagner and Fischer's table, one row
// at a time).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
