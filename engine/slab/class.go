package slab

import (
	"fmt"
	"math/bits"
)

// Sizes of cells go in steps of 8 bytes up to 256, and above that in eight
// steps from each power of two to the next, so that rounding wastes less than
// one eighth.
const (
	fineLimit   = 256
	fineCount   = fineLimit / grain
	coarseSteps = 8
	classCount  = fineCount + 58 // the last one holds cells of MaxCell bytes
	// maxRun bounds the pages of a run; layout needs at most this many.
	maxRun = 16
)

// class describes the runs of one size of cells.
type class struct {
	size  uint32 // bytes in a cell
	cells uint32 // cells in a run
	pages uint32 // pages in a run
}

// grains returns the size of a cell in units of 8 bytes.
func (c class) grains() uint32 { return c.size / grain }

// classes is computed once and never changes.
var classes = layout()

// layout gives each class the shortest run that leaves at most one sixteenth
// of itself unused at its end.
func layout() (table [classCount]class) {
	for i := range table {
		size := classSize(i)
		pages := (size + pageSize - 1) / pageSize
		for pages*pageSize%size > pages*pageSize/16 {
			pages++
		}
		table[i] = class{size: size, cells: pages * pageSize / size, pages: pages}
	}
	return table
}

func classSize(i int) uint32 {
	if i < fineCount {
		return uint32(i+1) * grain
	}
	octave, step := (i-fineCount)/coarseSteps, (i-fineCount)%coarseSteps
	base := uint32(fineLimit) << octave
	return base + base/coarseSteps*uint32(step+1)
}

// classOf returns the class for cells of n bytes.
func classOf(n int) int {
	if uint(n) > MaxCell {
		panic(fmt.Sprintf("slab: no cell has %d bytes", n))
	}
	if n <= fineLimit {
		return (max(n, 1) - 1) / grain
	}
	last := uint(n - 1)
	octave := bits.Len(last) - bits.Len(uint(fineLimit))
	step := last>>(octave+5) - coarseSteps // 256 is eight steps of 1<<5
	return fineCount + octave*coarseSteps + int(step)
}

// Size returns how many bytes a cell of n bytes takes, for 0 ≤ n ≤ MaxCell.
func Size(n int) int { return int(classes[classOf(n)].size) }
