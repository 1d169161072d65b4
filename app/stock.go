package app

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"cheval/assets"
	"cheval/catalog"
	"cheval/catalog/store"
)

// openStock opens the shop's catalogue, with the starter products on a first
// start, or, where it cannot be kept (a disk that is full or read-only), says
// so to staff and shows the starter products.
func (a *App) openStock() error {
	if a.parts.openStore == nil {
		a.shopper = newShopper(a.parts.catalogue)
		return nil
	}
	s, err := a.parts.openStore(a.opts.Home)
	if errors.Is(err, store.ErrHeld) {
		return err
	}
	var c *catalog.Catalogue
	if err == nil {
		a.store = s
		if r := s.Recovered(); r != nil {
			a.notice(errors.New(r.String()))
		}
		c, err = s.Catalogue()
	}
	if err != nil {
		a.notice(fmt.Errorf("the catalogue cannot be kept, so the starter products are shown: %w", err))
		if c, err = starterStock(); err != nil {
			return err
		}
	}
	a.shopper = newShopper(c)
	a.followStock()
	a.followWords()
	a.followLooks()
	return nil
}

// followStock shows shoppers what changes in the store while they stand there.
func (a *App) followStock() {
	if a.store == nil {
		return
	}
	changed := a.store.Watch(a.ctx)
	a.follows.Go(func() {
		for range changed {
			c, err := a.store.Catalogue()
			if err != nil {
				a.parts.onUI(func() { a.notice(err) })
				continue
			}
			c = c.ToWear()
			if a.ctx.Err() == nil {
				a.parts.onUI(func() { a.restock(c) })
			}
		}
	})
}

// restock changes what can be tried on; what is worn stays if it still can.
func (a *App) restock(c *catalog.Catalogue) {
	a.shopper.restock(c)
	a.changeVoice() // which knows its names
	a.makeRanker()
	if a.onStock != nil {
		a.onStock()
	}
	a.showLooks()
	a.stage.refreshMirror()
}

func (a *App) closeStock() error {
	if a.store == nil {
		return nil
	}
	err := a.store.Close()
	if a.opts.Shots != "" { // it was the demo's own
		err = errors.Join(err, os.RemoveAll(a.store.Home()))
	}
	return err
}

// restock replaces the stock during a visit.
func (s *shopper) restock(c *catalog.Catalogue) {
	s.stock, s.all = c, c.All()
	s.filter(s.filters)
	s.worn, s.second = s.still(s.worn), s.still(s.second)
	if s.worn == nil && len(s.all) > 0 {
		s.worn = s.all[0]
	}
	if s.second == nil {
		s.side = 0
	}
	s.liked = slices.DeleteFunc(s.liked, func(id string) bool { return c.Product(id) == nil })
}

// still is a product as it is sold now, nil if it is not.
func (s *shopper) still(p *catalog.Product) *catalog.Product {
	if p == nil {
		return nil
	}
	return s.stock.Product(p.ID)
}

// openShopStore opens the store that the program itself uses.
func openShopStore(home string) (*store.Store, error) {
	return store.Open(home, store.Options{Seed: starterStock})
}

// starterStock is what the program ships.
func starterStock() (*catalog.Catalogue, error) { return catalog.Load(assets.Catalogue()) }
