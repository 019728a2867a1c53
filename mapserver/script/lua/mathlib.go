package lua

import (
	"math"

	glua "github.com/yuin/gopher-lua"
)

const mathPi = glua.LNumber(math.Pi)

var mathHuge = glua.LNumber(math.Inf(1))

func (e *Engine) mathLibrary() library {
	lib := library{
		"fmod": e.math2("fmod", math.Mod), "mod": e.math2("mod", math.Mod),
		"pow": e.math2("pow", math.Pow), "atan2": e.math2("atan2", math.Atan2),
		"frexp": e.mathFrexp, "ldexp": e.mathLdexp, "modf": e.mathModf,
		"max": e.mathMax, "min": e.mathMin,
		"random": e.mathRandom, "randomseed": e.mathRandomseed,
	}
	for name, f := range map[string]func(float64) float64{
		"abs": math.Abs, "acos": math.Acos, "asin": math.Asin, "atan": math.Atan, "ceil": math.Ceil,
		"cos": math.Cos, "cosh": math.Cosh, "exp": math.Exp, "floor": math.Floor, "log": math.Log,
		"log10": math.Log10, "sin": math.Sin, "sinh": math.Sinh, "sqrt": math.Sqrt, "tan": math.Tan, "tanh": math.Tanh,
		"deg": func(x float64) float64 { return x * 180 / math.Pi },
		"rad": func(x float64) float64 { return x * math.Pi / 180 },
	} {
		lib[name] = e.math1(name, f)
	}
	return lib
}

func (e *Engine) math1(name string, f func(float64) float64) glua.LGFunction {
	return func(L *glua.LState) int {
		L.Push(glua.LNumber(f(e.num(L, 1, name))))
		return 1
	}
}

func (e *Engine) math2(name string, f func(a, b float64) float64) glua.LGFunction {
	return func(L *glua.LState) int {
		L.Push(glua.LNumber(f(e.num(L, 1, name), e.num(L, 2, name))))
		return 1
	}
}

func (e *Engine) mathFrexp(L *glua.LState) int {
	m, exp := math.Frexp(e.num(L, 1, "frexp"))
	L.Push(glua.LNumber(m))
	L.Push(glua.LNumber(exp))
	return 2
}

func (e *Engine) mathLdexp(L *glua.LState) int {
	L.Push(glua.LNumber(math.Ldexp(e.num(L, 1, "ldexp"), e.int(L, 2, "ldexp"))))
	return 1
}

func (e *Engine) mathModf(L *glua.LState) int {
	x := e.num(L, 1, "modf")
	whole, frac := math.Trunc(x), 0.0
	if !math.IsInf(x, 0) {
		frac = x - whole
	}
	L.Push(glua.LNumber(whole))
	L.Push(glua.LNumber(frac))
	return 2
}

func (e *Engine) mathMax(L *glua.LState) int {
	return e.pick(L, "max", func(a, b float64) bool { return a > b })
}
func (e *Engine) mathMin(L *glua.LState) int {
	return e.pick(L, "min", func(a, b float64) bool { return a < b })
}

func (e *Engine) pick(L *glua.LState, name string, better func(a, b float64) bool) int {
	best := e.num(L, 1, name)
	for i := 2; i <= L.GetTop(); i++ {
		if x := e.num(L, i, name); better(x, best) {
			best = x
		}
	}
	L.Push(glua.LNumber(best))
	return 1
}

// randomMax is the largest number that rand gives.
const randomMax = 1<<31 - 1

// rand is the generator that POSIX sketches and the original service used as
// rand_r: three steps of a linear congruence give 31 bits. Its state starts at 0
// in each engine, so every new engine gives the same sequence.
func (e *Engine) rand() uint32 {
	step := func() uint32 {
		e.random = e.random*1103515245 + 12345
		return e.random >> 16
	}
	r := step() % 2048
	r = r<<10 ^ step()%1024
	return r<<10 ^ step()%1024
}

func (e *Engine) mathRandom(L *glua.LState) int {
	r := float64(e.rand()%randomMax) / randomMax
	switch L.GetTop() {
	case 0:
		L.Push(glua.LNumber(r))
	case 1:
		top := e.int(L, 1, "random")
		if top < 1 {
			e.argError(L, 1, "random", "interval is empty")
		}
		L.Push(glua.LNumber(math.Floor(r*float64(top)) + 1))
	case 2:
		from, to := e.int(L, 1, "random"), e.int(L, 2, "random")
		if from > to {
			e.argError(L, 2, "random", "interval is empty")
		}
		L.Push(glua.LNumber(math.Floor(r*float64(to-from+1)) + float64(from)))
	default:
		e.fail(L, "wrong number of arguments")
	}
	return 1
}

func (e *Engine) mathRandomseed(L *glua.LState) int {
	e.random = uint32(e.int(L, 1, "randomseed"))
	return 0
}
