package app

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"cheval/catalog/search"
	"cheval/catalog/store"
)

// mostFound is how many products a search in the studio shows.
const mostFound = 2000

// finder finds products by words, with typos forgiven, once its index is made.
type finder struct{ index atomic.Pointer[search.Index] }

// followWords makes the index of words in the background and keeps it up to
// date until the app closes. Without it words are compared as they are written.
func (a *App) followWords() {
	if a.store == nil {
		return
	}
	changed := a.store.Watch(a.ctx)
	a.follows.Go(func() {
		err := a.finder.follow(a.ctx, a.store, changed)
		if err != nil && a.ctx.Err() == nil {
			fyne.LogError("index of words", err)
		}
	})
}

func (f *finder) follow(ctx context.Context, s *store.Store, changed <-chan struct{}) (err error) {
	x, err := search.Open(filepath.Join(s.Home(), search.FolderName))
	if err != nil {
		return err
	}
	defer func() {
		f.index.Store(nil)
		err = errors.Join(err, x.Close())
	}()
	for more := true; more; _, more = <-changed {
		c, err := s.Catalogue()
		if err == nil {
			err = x.Sync(ctx, c, nil)
		}
		if err != nil {
			return err
		}
		f.index.Store(x)
	}
	return nil
}

// find returns the IDs of what words find, the best first; false where the
// index is not ready. It blocks for some milliseconds.
func (f *finder) find(ctx context.Context, words string) ([]string, bool) {
	x := f.index.Load()
	if x == nil {
		return nil, false
	}
	r, err := x.Find(ctx, search.Query{Text: words, Limit: mostFound})
	if err != nil {
		return nil, false
	}
	ids := make([]string, len(r.Hits))
	for i, h := range r.Hits {
		ids[i] = h.Product.ID
	}
	return ids, true
}

// lookFor narrows the grid to what words find.
func (c *cataloguePage) lookFor(words string) {
	show := func(found []string) {
		if c.list.words != words {
			return // others were typed meanwhile
		}
		c.list.found = found
		c.list.narrow()
		c.refresh()
		c.grid.ScrollToTop()
	}
	var found []string
	c.p.a.inBackground(func(ctx context.Context) error {
		found, _ = c.p.a.finder.find(ctx, words)
		return nil
	}, func(error) { show(found) })
}
