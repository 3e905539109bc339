package micro

import "testing"

func TestCollect(t *testing.T) {
	got := Collect(1000, valueSize, 3)
	if got.Took <= 0 || got.Pause <= 0 {
		t.Errorf("a collection took %v, its pause %v", got.Took, got.Pause)
	}
}

// BenchmarkCollect tells what a full garbage collection costs beside a million
// keys.
func BenchmarkCollect(b *testing.B) {
	for b.Loop() {
		got := Collect(1_000_000, valueSize, 5)
		b.ReportMetric(float64(got.Took.Microseconds())/1000, "ms/gc")
		b.ReportMetric(float64(got.Pause.Microseconds())/1000, "ms-worst-pause")
	}
}
