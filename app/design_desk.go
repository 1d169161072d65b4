package app

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/models"
	"cheval/studio"
	"cheval/studio/generate"
	"cheval/studio/photo"
)

// garmentMaker designs garments and hats. Its methods block and may be called
// from any goroutine.
type garmentMaker interface {
	// knows is empty where no designer is installed.
	knows() generate.Known
	design(ctx context.Context, r generate.Request, give func(*generate.Design)) error
	recolour(m *generate.Design, colour string) (*generate.Design, error)
	attention(m *generate.Design) (*generate.Attention, error)
	nearest(m *generate.Design) ([]remembered, error)
	style(ctx context.Context, p *photo.Photo) (generate.Style, error)
	draft(ctx context.Context, to studio.Drafts, m *generate.Design, asked generate.Request, name map[string]string) (store.Batch, error)
	runs() string // the device
	Close() error
}

// remembered is a training picture as the designer remembers it; the picture
// may be nil.
type remembered struct {
	generate.Nearest
	picture image.Image
}

// mostNearest is how many training pictures are shown.
const mostNearest = 3

// designDesk is the generator with its models.
type designDesk struct {
	runtime *models.Runtime
	studio  *studio.Studio
	version string

	mu       sync.Mutex
	designer *generate.Designer // nil: none is installed
}

func openDesignDesk(home, device, version string) (garmentMaker, error) {
	_, runtime, err := openModels(home, device)
	if err != nil {
		return nil, fmt.Errorf("generate: %w", err)
	}
	d := &designDesk{runtime: runtime, studio: studio.Open(runtime, version), version: version}
	d.studio.RestAfter(modelsRest)
	if !generate.Installed() {
		return d, nil
	}
	if d.designer, err = generate.Open(runtime); err != nil {
		return nil, errors.Join(err, d.studio.Close(), runtime.Close())
	}
	return d, nil
}

func (d *designDesk) Close() (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.designer != nil {
		err = d.designer.Close()
	}
	return errors.Join(err, d.studio.Close(), d.runtime.Close())
}

func (d *designDesk) runs() string { return string(d.runtime.Provider().Ran) }

func (d *designDesk) knows() generate.Known {
	if d.designer == nil {
		return generate.Known{}
	}
	return d.designer.Knows()
}

// design lends the designer for one design at a time, so that others get it
// meanwhile.
func (d *designDesk) design(ctx context.Context, r generate.Request, give func(*generate.Design)) error {
	last := r.First + r.Count
	for r.Count = 1; r.First < last; r.First++ {
		d.mu.Lock()
		err := d.designer.Generate(ctx, r, func(m *generate.Design) error { give(m); return nil })
		d.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *designDesk) recolour(m *generate.Design, colour string) (*generate.Design, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.designer.Recolour(m, colour)
}

func (d *designDesk) attention(m *generate.Design) (*generate.Attention, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.designer.Attention(m)
}

func (d *designDesk) nearest(m *generate.Design) (out []remembered, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.designer.Nearest(m, mostNearest) {
		r := remembered{Nearest: n}
		img, err := d.designer.Remember(n.Photo)
		if err != nil {
			return nil, err
		}
		if img != nil {
			r.picture = img
		}
		out = append(out, r)
	}
	return out, nil
}

func (d *designDesk) style(ctx context.Context, p *photo.Photo) (generate.Style, error) {
	cut, err := d.studio.CutOut(ctx, p)
	if err != nil {
		return generate.Style{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.designer.Read(cut.Image)
}

func (d *designDesk) draft(ctx context.Context, to studio.Drafts, m *generate.Design, asked generate.Request, name map[string]string) (store.Batch, error) {
	d.mu.Lock()
	step, err := d.designer.Step(m, asked, d.version, time.Now().UTC().Truncate(time.Second))
	d.mu.Unlock()
	if err != nil {
		return store.Batch{}, err
	}
	return d.studio.Draft(ctx, to, m, step, name)
}

// photoOfProduct is the picture that a design takes after; nil: it has none.
func photoOfProduct(shop *store.Store, p *catalog.Product) (*photo.Photo, error) {
	pictures := p.PicturesOf(catalog.CutOut, catalog.Original, catalog.Enhanced)
	if len(pictures) == 0 {
		return nil, nil
	}
	data, err := shop.Picture(pictures[0].Hash)
	if err != nil {
		return nil, err
	}
	return photo.Decode(data)
}
