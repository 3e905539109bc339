package reply

import "testing"

func TestPairsAndDecimals(t *testing.T) {
	for proto, want := range map[int]string{
		2: "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n" + "$3\r\n1.5\r\n" + "$2\r\n10\r\n" + "$20\r\n13.36138933897018433\r\n" + "$5\r\n-0.25\r\n",
		3: "*2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n" + ",1.5\r\n" + ",10\r\n" + ",13.36138933897018433\r\n" + ",-0.25\r\n",
	} {
		var w Writer
		w.SetProtocol(proto)
		mark := w.Mark()
		w.Pairs(2)
		for i := range int64(2) {
			w.Pair()
			w.Int(2*i + 1)
			w.Int(2*i + 2)
		}
		for _, f := range []float64{1.5, 10, 13.361389338970184, -0.25} {
			w.Decimal(f)
		}
		if got := string(w.Since(mark)); got != want {
			t.Errorf("RESP%d: %q, want %q", proto, got, want)
		}
	}
}
