package sandbox

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openMath() {
	functions := map[string]Function{
		"atan2": mathTwo(math.Atan2), "fmod": mathTwo(math.Mod), "mod": mathTwo(math.Mod), "pow": mathTwo(math.Pow),
		"frexp": mathFrexp, "ldexp": mathLdexp, "max": mathMax, "min": mathMin, "modf": mathModf,
		"random": mathRandom, "randomseed": mathRandomseed,
	}
	for name, f := range map[string]func(float64) float64{
		"abs": math.Abs, "acos": math.Acos, "asin": math.Asin, "atan": math.Atan, "ceil": math.Ceil,
		"cos": math.Cos, "cosh": math.Cosh, "exp": math.Exp, "floor": math.Floor, "log": math.Log,
		"log10": math.Log10, "sin": math.Sin, "sinh": math.Sinh, "sqrt": math.Sqrt, "tan": math.Tan,
		"tanh": math.Tanh,
		"deg":  func(f float64) float64 { return f / (math.Pi / 180) },
		"rad":  func(f float64) float64 { return f * (math.Pi / 180) },
	} {
		functions[name] = func(c Call) int {
			c.PushNum(f(c.Num(1)))
			return 1
		}
	}
	vm.Library("math", functions, map[string]lua.LValue{
		"pi": lua.LNumber(math.Pi), "huge": lua.LNumber(math.Inf(1)),
	})
}

func mathTwo(f func(a, b float64) float64) Function {
	return func(c Call) int {
		c.PushNum(f(c.Num(1), c.Num(2)))
		return 1
	}
}

func mathFrexp(c Call) int {
	fraction, exponent := math.Frexp(c.Num(1))
	c.PushNum(fraction)
	c.PushNum(float64(exponent))
	return 2
}

func mathLdexp(c Call) int {
	c.PushNum(math.Ldexp(c.Num(1), int(int32(c.Integer(2)))))
	return 1
}

func mathMax(c Call) int {
	most := c.Num(1)
	for i := 2; i <= c.GetTop(); i++ {
		if f := c.Num(i); f > most {
			most = f
		}
	}
	c.PushNum(most)
	return 1
}

func mathMin(c Call) int {
	least := c.Num(1)
	for i := 2; i <= c.GetTop(); i++ {
		if f := c.Num(i); f < least {
			least = f
		}
	}
	c.PushNum(least)
	return 1
}

func mathModf(c Call) int {
	f := c.Num(1)
	whole := math.Trunc(f)
	fraction := f - whole
	if math.IsInf(f, 0) {
		fraction = math.Copysign(0, f)
	}
	c.PushNum(whole)
	c.PushNum(fraction)
	return 2
}

// random is the generator of Redis's scripts, so that a script that seeds it has
// the same sequence here: the linear congruential generator of 48 bits that
// POSIX describes under drand48, of which the upper 31 bits are used.
type random struct{ state uint64 }

const (
	randomFactor = 0x5DEECE66D
	randomAdd    = 0xB
	randomLow    = 0x330E // what stands below a seed
	randomMax    = 1<<31 - 1
	// randomStart is the state before any seed.
	randomStart = 0x1234ABCD330E
)

// seed starts the sequence that belongs to a number.
func (r *random) seed(n int32) { r.state = uint64(uint32(n))<<16 | randomLow }

// next returns the next number, from 0 to randomMax.
func (r *random) next() int32 {
	r.state = (r.state*randomFactor + randomAdd) & (1<<48 - 1)
	return int32(r.state >> 17)
}

func mathRandom(c Call) int {
	f := float64(c.vm.random.next()%randomMax) / randomMax
	switch c.GetTop() {
	case 0:
		c.PushNum(f)
	case 1:
		most := c.Integer(1)
		if most < 1 {
			c.BadArg(1, "interval is empty")
		}
		c.PushNum(math.Floor(f*float64(most)) + 1)
	case 2:
		least, most := c.Integer(1), c.Integer(2)
		if least > most {
			c.BadArg(2, "interval is empty")
		}
		c.PushNum(math.Floor(f*float64(most-least+1)) + float64(least))
	default:
		c.Fail("wrong number of arguments")
	}
	return 1
}

func mathRandomseed(c Call) int {
	c.vm.random.seed(int32(c.Integer(1)))
	return 0
}
