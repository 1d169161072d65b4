//go:build long

package live

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"cheval/assets"
	"cheval/camera"
	"cheval/catalog"
	"cheval/models"
	"cheval/tryon"
)

// A kiosk runs for weeks. Half an hour of frames, every product put on in turn,
// must leave the process as large as the first minutes made it: 16 MB allow for
// the heap's own sawtooth.
func TestSoakKeepsTheProcessAsLargeAsItBegan(t *testing.T) {
	const frames, settled, change, slack = 54_000, 9_000, 90, 16 << 20
	s := store(t)
	shop, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	source, err := Open(context.Background(), s, camera.Spec{Kind: camera.KindDemo})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	engine, err := tryon.OpenEngine(s, models.CPU, tryon.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()

	products := shop.All()
	var began int
	for i := range frames {
		f, err := source.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		r, err := engine.Process(f, []tryon.Worn{{Product: products[i/change%len(products)]}})
		f.Release()
		if err != nil {
			t.Fatal(err)
		}
		r.Release()
		if i == settled {
			began = resident(t)
		}
	}
	if now := resident(t); now > began+slack {
		t.Errorf("the process grew from %d to %d MB over %d frames", began>>20, now>>20, frames-settled)
	}
}

// resident is the process's resident set in bytes, after a collection.
func resident(t *testing.T) int {
	t.Helper()
	runtime.GC()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
