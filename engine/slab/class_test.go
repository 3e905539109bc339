package slab

import "testing"

func TestClassesCoverAllSizes(t *testing.T) {
	for n := 0; n <= MaxCell; n++ {
		c := classOf(n)
		if size := int(classes[c].size); size < n {
			t.Fatalf("%d bytes go into cells of %d", n, size)
		}
		if c > 0 && int(classes[c-1].size) >= max(n, 1) {
			t.Fatalf("%d bytes would fit into cells of %d", n, classes[c-1].size)
		}
	}
}

func TestClassesWasteLittle(t *testing.T) {
	if last := classes[classCount-1].size; last != MaxCell {
		t.Errorf("the last class has cells of %d bytes", last)
	}
	for _, c := range classes {
		if c.size%grain != 0 || c.size > 1<<16-1 {
			t.Errorf("cells of %d bytes", c.size)
		}
		if c.pages == 0 || c.pages > maxRun {
			t.Errorf("cells of %d bytes: runs of %d pages", c.size, c.pages)
		}
		space := c.pages * pageSize
		if rest := space - c.cells*c.size; rest >= c.size || rest > space/16 {
			t.Errorf("cells of %d bytes: %d of %d bytes unused", c.size, rest, space)
		}
		if c.size <= 1024 && c.pages > 2 {
			t.Errorf("cells of %d bytes: runs of %d pages", c.size, c.pages)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int]int{
		0: 8, 1: 8, 8: 8, 9: 16, 92: 96, 256: 256, 257: 288, 288: 288, 289: 320, 512: 512, 513: 576,
		1024: 1024, 1025: 1152, 32768: 32768, 32769: 36864, MaxCell: MaxCell,
	} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestSizesThatNoCellHas(t *testing.T) {
	for _, n := range []int{-1, MaxCell + 1} {
		mustPanic(t, func() { Size(n) })
	}
}

// mustPanic fails the test unless f panics.
func mustPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	f()
}
