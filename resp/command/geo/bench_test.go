package geo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"kvd/resp/command/commandtest"
)

func BenchmarkSearch(b *testing.B) {
	h := commandtest.New(b, Family)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 100 {
		var line strings.Builder
		line.WriteString("geoadd g")
		for j := range 1000 {
			fmt.Fprintf(&line, " %v %v m%d", rng.Float64()*40-20, rng.Float64()*30+30, i*1000+j)
		}
		h.Do(line.String())
	}
	for _, by := range []string{"BYRADIUS 100 km", "BYRADIUS 100 km ASC WITHDIST WITHCOORD", "BYRADIUS 20 km", "BYBOX 100 100 km"} {
		lines := make([][][]byte, 100)
		for i := range lines {
			lines[i] = commandtest.Words(fmt.Sprintf("geosearch g FROMLONLAT %v %v %s", rng.Float64()*30-15, rng.Float64()*20+35, by))
		}
		b.Run(by, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				h.Run(lines[i%len(lines)])
			}
		})
	}
}
