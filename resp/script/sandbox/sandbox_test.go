package sandbox

import (
	"errors"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
)

const testMemory = 16 << 20

// run runs a script in a machine of its own and returns its result as tostring
// shows it, or the error.
func run(t *testing.T, vm *VM, source string) (result, failure string) {
	t.Helper()
	chunk, err := Compile(source, "test")
	if err != nil {
		return "", err.Error()
	}
	v, failed := vm.Run(vm.Load(chunk), &Budget{Memory: testMemory})
	if failed != nil {
		text, _ := failed.Text()
		return "", text
	}
	return showPlain(v), ""
}

func TestLanguage(t *testing.T) {
	tests := []struct{ source, want string }{
		{"return 0.1 + 0.2 .. ''", "0.3"},
		{"return 2^53 .. '|' .. 1e15 .. '|' .. -0.5", "9.007199254741e+15|1e+15|-0.5"},
		{"return '010' + 0", "10"},
		{"return 010 + 0", "10"},
		{"return '0x10' * 1", "16"},
		{"return -'2'", "-2"},
		{"local t = {} t[#t+1] = 'a' t[#t+1] = 'b' return table.concat(t, ',')", "a,b"},
		{"local t = {5, 2, 8} table.sort(t, function(a, b) return a > b end) return table.concat(t, ' ')", "8 5 2"},
		{"return setmetatable({}, {__concat = function(a, b) return 'joined' end}) .. 'x'", "joined"},
		{"return select('#', unpack({1, nil, 3}, 1, 3))", "3"},
		{"local co = coroutine.wrap(function(a) local b = coroutine.yield(a .. 1) return b .. 2 end) return co('x') .. co('y')", "x1y2"},
		{"local s = {} for k, v in pairs({10, 20, x = 1}) do s[#s+1] = tostring(k) end return table.concat(s, ',')", "1,2,x"},
		{"return tostring(pcall(error, {err = 'E x'}))", "false"},
		{"local _, e = pcall(error, {err = 'E x'}) return e", "E x"},
		{"return string.format('%5.1f|%03d|%s|%q', 2.25, 7, true and 'yes', 'a\"b')", `  2.2|007|yes|"a\"b"`},
		{"return (string.gsub('hello world', '(o)', '<%1>'))", "hell<o> w<o>rld"},
		{"return string.find('a.b', '.', 1, true)", "2"},
		{"return cjson.encode({1, 2, {a = 'x/y'}})", `[1,2,{"a":"x\/y"}]`},
		{`return cjson.decode('{"a":[1,{"b":null}]}').a[2].b == cjson.null and 'null' or 'lost'`, "null"},
		{"return cmsgpack.unpack(cmsgpack.pack({1, 'a', -200}))[3]", "-200"},
		{"return struct.unpack('>I2', struct.pack('>I2', 513))", "513"},
		{"return bit.tohex(bit.bxor(0xff, 0x0f))", "000000f0"},
	}
	vm := New()
	for _, tt := range tests {
		got, failure := run(t, vm, tt.source)
		if failure != "" || got != tt.want {
			t.Errorf("%s\n got %s%s\nwant %s", tt.source, got, failure, tt.want)
		}
	}
}

func TestFailures(t *testing.T) {
	tests := []struct{ source, want string }{
		{"x = 1", "test:1: Attempt to modify a readonly table"},
		{"return y", "test:1: Script attempted to access nonexistent global variable 'y'"},
		{"string.format = nil", "test:1: Attempt to modify a readonly table"},
		{"rawset(_G, 'x', 1)", "Attempt to modify a readonly table"},
		{"setmetatable(_G, nil)", "Attempt to modify a readonly table"},
		{"getmetatable('').__index.x = 1", "test:1: Attempt to modify a readonly table"},
		{"getmetatable(_G).__index = nil", "test:1: Attempt to modify a readonly table"},
		{"return os", "test:1: Script attempted to access nonexistent global variable 'os'"},
		{"return nil + 1", "test:1: attempt to perform arithmetic on a nil value"},
		{"return {} .. 'x'", "test:1: attempt to concatenate a table value"},
		{"return {} < {}", "test:1: attempt to compare two table values"},
		{"local a\na.b = 1", "test:2: attempt to index a nil value"},
		{"error('boo')", "test:1: boo"},
		{"error('boo', 0)", "boo"},
		{"return string.rep('x')", "test:1: bad argument #2 to 'rep' (number expected, got no value)"},
		{"return )", "test:1: unexpected symbol near ')'"},
		{"#x", "test:1: unexpected symbol near '#'"},
		{"local function f() return 1 + f() end return f()", "stack overflow"},
	}
	vm := New()
	for _, tt := range tests {
		if got, failure := run(t, vm, tt.source); !strings.HasSuffix(failure, tt.want) {
			t.Errorf("%s\n got %s%s\nwant %s", tt.source, got, failure, tt.want)
		}
	}
}

// TestMemory: whatever a script does, it is stopped before it has taken much more
// than its limit, and the next one finds the machine in order.
func TestMemory(t *testing.T) {
	attacks := []string{
		"local s = 'x' while true do s = s .. s end",
		"return string.rep('x', 2^31)",
		"local t = {} for i = 1, 1e9 do t[i] = i end",
		"local t = {} for i = 1, 1e9 do t['k' .. i] = i end",
		"local t = {} while true do t = {t} end",
		"local t, i = {}, 0 while true do i = i + 1 t['x' .. i] = 1 t['x' .. i] = nil end",
		"local k = {} for i = 1, 100 do local t = {} t[4000000] = 1 k[i] = t end",
		"local k = {} for i = 1, 100 do k[i] = {[3000000 + i] = 1} end",
		"local k = {} for i = 1, 1e7 do k[i] = coroutine.create(function() end) end",
		"return (string.rep('a', 1000000):gsub('a', string.rep('%0', 100)))",
		"while true do pcall(string.rep, 'x', 1e9) end",
		"local c = coroutine.wrap(function() local s = 'x' while true do s = s .. s end end) c()",
	}
	vm := New()
	for _, source := range attacks {
		if got, failure := run(t, vm, source); !strings.Contains(failure, errMemory.Error()) {
			t.Errorf("%s\nended with %s%s", source, got, failure)
		}
		if got, _ := run(t, vm, "return #'after'"); got != "5" {
			t.Fatalf("%s\nleft a machine that answers %q", source, got)
		}
	}
}

// TestGarbageIsNoMemory: what a script has dropped does not count.
func TestGarbageIsNoMemory(t *testing.T) {
	got, failure := run(t, New(), "local s for i = 1, 200 do s = string.rep('x', 1000000) .. i end return #s")
	if got != "1000003" {
		t.Errorf("got %s %s", got, failure)
	}
}

func TestDeepSource(t *testing.T) {
	for _, part := range []string{"(", "{", "not ", "- ", "1+", "'x'..", "function() return ", "a[", "f("} {
		source := "return " + strings.Repeat(part, 20000)
		if _, err := Compile(source, "test"); err == nil {
			t.Errorf("%q 20000 times was compiled", part)
		}
	}
	if _, err := Compile("return 1"+strings.Repeat("+1", 20000), "test"); err == nil || !strings.Contains(err.Error(), "too many syntax levels") {
		t.Errorf("a deep expression: %v", err)
	}
}

func TestStop(t *testing.T) {
	stop := errors.New("stopped")
	for _, source := range []string{
		"while true do end",
		"while true do pcall(function() while true do end end) end",
		"local function f() return f() end f()",
		"coroutine.wrap(function() while true do end end)()",
		"return string.find(string.rep('a', 30000), string.rep('a?', 3000) .. string.rep('a*', 30) .. 'b')",
	} {
		chunk, err := Compile(source, "test")
		if err != nil {
			t.Fatal(err)
		}
		b := &Budget{Memory: testMemory}
		vm := New()
		done := make(chan *Error)
		go func() {
			_, failure := vm.Run(vm.Load(chunk), b)
			done <- failure
		}()
		b.Stop(stop)
		select {
		case failure := <-done:
			if text, _ := failure.Text(); !strings.Contains(text, stop.Error()) {
				t.Errorf("%s: %s", source, text)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s goes on", source)
		}
	}
}

// TestRandom: the sequence is the one that srand48 and lrand48 of C have.
func TestRandom(t *testing.T) {
	got, _ := run(t, New(), "math.randomseed(42) local t = {} for i = 1, 3 do t[i] = math.random(1000000) end return table.concat(t, ' ')")
	if want := "744526 342702 111086"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestMeasureSees: the measurer reads fields of gopher-lua that have no API.
func TestMeasureSees(t *testing.T) {
	vm := New()
	before := measure(vm, 1<<30)
	table := vm.NewTable(0)
	for i := range 10000 {
		table.RawSetInt(i+1, lua.LNumber(i))
	}
	vm.Set("KEYS", table)
	if grown := measure(vm, 1<<30) - before; grown < 10000*slotBytes {
		t.Errorf("a table of 10000 numbers counts for %d bytes", grown)
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,"x\u00e9"]}`, `[null,true]`, `"\ud83d\ude00"`, "-", "[1,", `{"a"`, "nan", "0x1p4"} {
		f.Add(seed)
	}
	vm := New()
	chunk, err := Compile("local v = cjson.decode(KEYS[1]) return cjson.encode(v)", "test")
	if err != nil {
		f.Fatal(err)
	}
	fn := vm.Load(chunk)
	f.Fuzz(func(t *testing.T, text string) {
		keys := vm.NewTable(1)
		keys.RawSetInt(1, lua.LString(text))
		vm.Set("KEYS", keys)
		once, failure := vm.Run(fn, &Budget{Memory: testMemory})
		if failure != nil {
			return
		}
		keys.RawSetInt(1, once)
		if twice, failure := vm.Run(fn, &Budget{Memory: testMemory}); failure != nil || len(showPlain(twice)) != len(showPlain(once)) {
			t.Errorf("%q became %s and then %v %v", text, once, twice, failure)
		}
	})
}

func FuzzScript(f *testing.F) {
	for _, seed := range []string{
		"return 1", "local t = {} t[1e9] = 1", "return string.format('%5.2f', 1)", "return ('x'):gsub('.', '%0')",
		"return struct.unpack('>i4', 'abcd')", "return cmsgpack.unpack('\\147\\1\\2\\3')", "for i = 1, 3 do end", "goto a ::a::",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, source string) {
		chunk, err := Compile(source, "fuzz")
		if err != nil {
			return
		}
		b := &Budget{Memory: testMemory}
		timer := time.AfterFunc(time.Second, func() { b.Stop(errMemory) })
		defer timer.Stop()
		vm := New()
		_, _ = vm.Run(vm.Load(chunk), b)
	})
}
