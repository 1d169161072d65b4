package studio

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"testing"

	"cheval/studio/photo"
)

// resident is the memory that the process has, in megabytes.
func resident(t testing.TB) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int
	if _, err := fmt.Fscan(bytes.NewReader(b), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() >> 20
}

// memoryFlat works through n photos and compares the memory after a tenth of
// them with that at the end.
func memoryFlat(t *testing.T, n, side int) {
	data := large(t, side)
	p, err := photo.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	coarse := disc(p.Image.Rect)
	early := 0
	for i := range n {
		if err := work(data, coarse); err != nil {
			t.Fatal(err)
		}
		if i == n/10 {
			runtime.GC()
			early = resident(t)
		}
	}
	runtime.GC()
	late := resident(t)
	t.Logf("%d MB after %d photos, %d MB after %d", early, n/10+1, late, n)
	if late > early+early/4+64 {
		t.Errorf("memory grew from %d to %d MB", early, late)
	}
}

func TestMemoryIsFlatOverManyPhotos(t *testing.T) { memoryFlat(t, 20, 600) }
