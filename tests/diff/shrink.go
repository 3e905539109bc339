package diff

import "slices"

// tries is how often a failing episode is played again to make it shorter, and
// reloadTries where each loads data again.
const (
	tries       = 400
	reloadTries = 60
)

// shrink returns a shorter episode that still shows a difference, and that. It
// leaves out chunks of lines, ever smaller ones, as long as that helps (delta
// debugging, Zeller 1999).
func (s *servers) shrink(e *episode, d *difference) (*episode, *difference) {
	best := *e
	if d.at >= 0 {
		best.lines = e.lines[:min(d.at+1, len(e.lines))]
		best.ending = goOn
	}
	left := tries
	if best.ending != goOn {
		left = reloadTries
	}
	for size := max(len(best.lines)/2, 1); left > 0; {
		helped := false
		for from := 0; from < len(best.lines) && left > 0; left-- {
			shorter := best
			shorter.lines = slices.Delete(slices.Clone(best.lines), from, min(from+size, len(best.lines)))
			if found := s.play(&shorter); found != nil {
				best, d, helped = shorter, found, true
				continue
			}
			from += size
		}
		if size == 1 && !helped {
			break
		}
		size = max(size/2, 1)
	}
	return &best, d
}
