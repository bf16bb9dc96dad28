package library_test

import (
	"runtime"
	"testing"

	"example.org/fieldbot/flows"
)

// Many compiled forms stay in memory, so that of the longest questionnaire of
// the library may not be large.
func TestSUFSMemory(t *testing.T) {
	d := read(t, "sufs")
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	compiled := func() *flows.Form {
		f, err := flows.Compile(d)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	compiled() // tables made once for all forms
	before := heap()
	const n = 8
	var forms [n]*flows.Form
	for i := range forms {
		forms[i] = compiled()
	}
	size := (int64(heap()) - int64(before)) / n
	runtime.KeepAlive(forms)
	runtime.KeepAlive(d)
	t.Logf("%d KiB", size>>10)
	if size > 2<<20 {
		t.Errorf("the compiled form takes %d bytes, more than 2 MiB", size)
	}
}
