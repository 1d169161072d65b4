package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"cheval/catalog"
	"cheval/catalog/search"
	"cheval/catalog/store"
	"cheval/models"
	"cheval/studio/embed"
	"cheval/studio/photo"
)

// How the catalogue's pictures are looked at beside the mirror: a few, then a
// rest of some times what they took.
const (
	looksWait     = 20 * time.Second // after start, for the mirror to come first
	looksTogether = 4
	looksRest     = 3
)

// mostLikest is how many products that look alike are shown.
const mostLikest = 24

// followLooks keeps up to date what products look like, in the background, until
// the app closes.
func (a *App) followLooks() {
	if a.store == nil || a.parts.looks == nil {
		return
	}
	changed := a.store.Watch(a.ctx)
	update, shop, onUI := a.parts.looks, a.store, a.parts.onUI
	a.follows.Go(func() {
		if !rest(a.ctx, looksWait) {
			return
		}
		for more := true; more; _, more = <-changed {
			n, err := update(a.ctx, shop)
			if err != nil && a.ctx.Err() == nil {
				fyne.LogError("what products look like", err)
			}
			if n > 0 && a.ctx.Err() == nil {
				onUI(a.makeRanker)
			}
		}
	})
}

// rest waits; false where ctx ended first.
func rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// updateLooks embeds the pictures of what is new or was changed, on the CPU, and
// says how many there were. Its models are open only meanwhile.
func updateLooks(ctx context.Context, home string, shop *store.Store) (n int, err error) {
	c, err := shop.Catalogue()
	if err != nil {
		return 0, err
	}
	missing, err := embed.Missing(shop, c.All())
	if err != nil || len(missing) == 0 {
		return 0, err
	}
	_, runtime, err := openModels(home, string(models.CPU))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, runtime.Close()) }()
	e, err := embed.Open(runtime)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	var left []error
	for n < len(missing) && ctx.Err() == nil {
		some := missing[n:min(n+looksTogether, len(missing))]
		began := time.Now()
		if err := e.Update(ctx, shop, some, nil); err != nil {
			left = append(left, err)
		}
		n += len(some)
		rest(ctx, looksRest*time.Since(began))
	}
	return n, errors.Join(left...)
}

// likest are the IDs of the products that look most like some views, the
// likest first, at most so many of those that are accepted (nil: all).
func likest(shop *store.Store, views []embed.Embedding, most int, accept func(id string) bool) ([]string, error) {
	space := &search.Space{}
	if err := space.Load(shop, store.PictureVectors, embed.Width); err != nil {
		return nil, err
	}
	best := map[string]float32{}
	for _, view := range views {
		some, err := space.Nearest(view, most, accept)
		if err != nil {
			return nil, err
		}
		for _, n := range some {
			if have, ok := best[n.Key]; !ok || n.Cosine > have {
				best[n.Key] = n.Cosine
			}
		}
	}
	ids := slices.Collect(maps.Keys(best))
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(best[b], best[a]), cmp.Compare(a, b)) })
	return ids[:min(len(ids), most)], nil
}

// moreLike narrows the grid to what looks like a product.
func (c *cataloguePage) moreLike(x *catalog.Product) {
	c.p.touched()
	shop := c.p.a.store
	var ids []string
	c.p.a.inBackground(func(context.Context) (err error) {
		var views []embed.Embedding
		if err = shop.Vectors(store.PictureVectors, func(v store.Vector) {
			if v.Key == x.ID {
				views = embed.Views(v)
			}
		}); err == nil && views != nil {
			ids, err = likest(shop, views, mostLikest, func(id string) bool { return id != x.ID })
		}
		return err
	}, func(err error) {
		if err != nil {
			c.fail(err)
			return
		}
		if ids == nil {
			c.tell(c.p.look.tr.t("looks.not_yet"))
			return
		}
		c.showLikest(append([]string{x.ID}, ids...), c.p.look.tr.t("looks.like", args{"name": c.p.look.tr.of(x.Name)}))
	})
}

// choosePicture asks for a picture and shows what looks like it.
func (c *cataloguePage) choosePicture() {
	c.p.touched()
	c.p.a.chooseFile(photoTypes, c.findByPicture)
}

// findByPicture narrows the grid to what looks like the product on a picture.
func (c *cataloguePage) findByPicture(path string) {
	a := c.p.a
	if a.desk == nil {
		c.tell(c.p.look.tr.t("photos.closed"))
		return
	}
	desk, shop := a.desk, a.store
	c.showLikest(nil, c.p.look.tr.t("looks.looking"))
	var ids []string
	a.inBackground(func(ctx context.Context) error {
		p, err := photo.Read(path)
		if err != nil {
			return err
		}
		seen, err := desk.studio.Look(ctx, p)
		if err != nil {
			return fmt.Errorf("find by picture: %w", err)
		}
		ids, err = likest(shop, []embed.Embedding{seen.Embedding}, mostLikest, nil)
		return err
	}, func(err error) {
		if err != nil {
			c.clearLikest()
			c.fail(err)
			return
		}
		c.showLikest(ids, c.p.look.tr.t("looks.picture"))
	})
}

// showLikest shows products in the order of how alike they are; nil leaves the
// grid as it is.
func (c *cataloguePage) showLikest(ids []string, say string) {
	c.list.likest, c.likeSay = ids, say
	c.list.narrow()
	c.refresh()
	c.grid.ScrollToTop()
}

func (c *cataloguePage) clearLikest() { c.showLikest(nil, "") }
