package app

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"fyne.io/fyne/v2"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/tryon"
)

// mostFronts bounds how many products keep their front photos decoded; one is
// some megabytes.
const mostFronts = 16

// fronts has products with the photos that their fronts are drawn with. The
// catalogue's own products hold none, so that a large one stays small. Any
// goroutine may use it.
type fronts struct {
	read func(*catalog.FrontPhoto) ([]byte, error)

	mu    sync.Mutex
	have  map[*catalog.Product]*catalog.Product // by the catalogue's own
	order []*catalog.Product                    // of have, the one used last at the end
}

func newFronts(read func(*catalog.FrontPhoto) ([]byte, error)) *fronts {
	return &fronts{read: read, have: map[*catalog.Product]*catalog.Product{}}
}

// ready is p with its photos, or false where they must be loaded first.
func (f *fronts) ready(p *catalog.Product) (*catalog.Product, bool) {
	if !slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.Front != nil && v.Front.Image == nil }) {
		return p, true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	loaded := f.have[p]
	if loaded == nil {
		return p, false
	}
	f.order = append(slices.DeleteFunc(f.order, func(o *catalog.Product) bool { return o == p }), p)
	return loaded, true
}

// load is p with its photos. It blocks while they are read.
func (f *fronts) load(p *catalog.Product) (*catalog.Product, error) {
	if loaded, ok := f.ready(p); ok {
		return loaded, nil
	}
	loaded := *p
	loaded.Variants = slices.Clone(p.Variants)
	for i := range loaded.Variants {
		if front := loaded.Variants[i].Front; front != nil {
			own := *front
			loaded.Variants[i].Front = &own
		}
	}
	if err := catalog.LoadFronts(&loaded, f.read); err != nil {
		return nil, fmt.Errorf("draw %s: %w", p.ID, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if other := f.have[p]; other != nil { // loaded meanwhile
		return other, nil
	}
	f.have[p] = &loaded
	if f.order = append(f.order, p); len(f.order) > mostFronts {
		delete(f.have, f.order[0])
		f.order = f.order[1:]
	}
	return &loaded, nil
}

// dressMirror has the mirror draw what the shopper wears. Photos that are not
// there yet follow: until then a frame is drawn in its colours.
func (a *App) dressMirror() {
	looks := a.shopper.looks()
	var missing []tryon.Worn
	for i, w := range looks {
		p, ok := a.photoFronts.ready(w.Product)
		if !ok {
			missing = append(missing, w)
		}
		looks[i].Product = p
	}
	a.mirror.SetLooks(looks)
	for _, w := range missing {
		a.inBackground(func(context.Context) error {
			_, err := a.photoFronts.load(w.Product)
			return err
		}, func(err error) {
			if err != nil {
				fyne.LogError("front photo", err)
				return
			}
			a.dressMirror()
		})
	}
}

// readFront reads a front photo of the shop's own products.
func (a *App) readFront(f *catalog.FrontPhoto) ([]byte, error) {
	if a.store == nil {
		return nil, store.ErrAbsent
	}
	return a.store.Picture(f.Hash)
}
