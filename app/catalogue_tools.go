package app

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog"
	"cheval/catalog/exchange"
	"cheval/catalog/store"
)

// typingRest is how long after the last key the words are looked for.
const typingRest = 250 * time.Millisecond

// buildTools makes the row above the grid.
func (c *cataloguePage) buildTools() {
	l, t, a := c.p.look, c.p.look.tr, c.p.a
	words := widget.NewEntry()
	words.SetPlaceHolder(t.t("stock.search"))
	words.OnChanged = func(s string) {
		c.p.touched()
		c.list.words, c.list.found = s, nil
		c.list.likest, c.likeSay = nil, ""
		a.after(typingRest, func() {
			if c.list.words == s {
				c.lookFor(s)
			}
		})
	}
	field := container.New(layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(300), l.tap(54)) },
		place: func(s fyne.Size) { put(words, rect{0, 0, s.Width, s.Height}) },
	}, words)
	sheet := newPill(l, "grid", t.t("stock.import"), pillPlain, c.chooseSheet).small()
	undo := newPill(l, "undo", t.t("action.undo"), pillPlain, c.undo).small()
	one := newPill(l, "photo", t.t("photos.add"), pillPlain, c.choosePhotos).small()
	folder := newPill(l, "photo", t.t("photos.add_folder"), pillPlain, c.choosePhotoFolder).small()
	alike := newPill(l, "side-by-side", t.t("alike.open"), pillPlain, c.showAlike).small()
	picture := newPill(l, "photo", t.t("looks.find"), pillPlain, c.choosePicture).small()
	picture.setDisabled(a.store == nil)
	alike.setDisabled(a.store == nil)
	backup := newPill(l, "save", t.t("backup.open"), pillPlain, c.chooseBackup).small()
	backup.setDisabled(a.store == nil)
	sheet.setDisabled(a.store == nil)
	one.setDisabled(a.store == nil)
	folder.setDisabled(a.store == nil)
	undo.setDisabled(a.store == nil)
	c.tools = container.New(&flow{gap: l.px(10), width: l.px(900)}, field, picture, sheet, one, folder, alike, undo, backup)
}

// showBatch shows what can be done with the ticked products.
func (c *cataloguePage) showBatch() {
	l, t := c.p.look, c.p.look.tr
	c.batch.Objects = nil
	n := len(c.list.chosen)
	if n == 0 || c.p.a.store == nil {
		return
	}
	add := func(icon, key string, style pillStyle, do func()) {
		c.batch.Add(newPill(l, icon, t.t(key, args{"n": n}), style, do).small())
	}
	add("check", "stock.publish", pillAccent, func() { c.setState(catalog.Published, store.Publish) })
	add("close", "stock.withdraw", pillPlain, func() { c.setState(catalog.Draft, store.Withdraw) })
	add("save", "stock.export", pillPlain, c.chooseExport)
	add("trash", "stock.delete", pillDanger, c.deleteChosen)
	add("", "stock.untick", pillPlain, func() {
		clear(c.list.chosen)
		c.refresh()
	})
}

// setState publishes or withdraws the ticked products. Those that may not be
// published stay ticked, and why is said.
func (c *cataloguePage) setState(to catalog.State, kind store.ChangeKind) {
	c.p.touched()
	a, picked, t := c.p.a, c.list.picked(), c.p.look.tr
	refused := map[string]error{}
	done := 0
	stop, checked, shut := a.ctx, func(int) {}, func() {}
	if to == catalog.Published {
		stop, checked, shut = c.showChecking(len(picked))
	}
	a.inBackground(func(ctx context.Context) error {
		b := store.Batch{Kind: kind}
		for i, p := range picked {
			if err := stop.Err(); err != nil { // nothing is written yet
				return err
			}
			checked(i)
			whole, err := a.store.Product(p.ID)
			if err == nil && to == catalog.Published {
				whole, err = a.toPublish(stop, whole, t)
			} else if err == nil {
				whole.State = to
			}
			if err != nil {
				refused[p.ID] = err
				continue
			}
			b.Put = append(b.Put, whole)
		}
		if done = len(b.Put); done == 0 || stop.Err() != nil {
			return stop.Err()
		}
		_, err := a.store.Apply(ctx, b)
		return err
	}, func(err error) {
		if stop.Err() != nil && errors.Is(err, context.Canceled) {
			return // a person did not want it
		}
		shut()
		if err != nil {
			c.fail(err)
			return
		}
		for _, p := range picked {
			if refused[p.ID] == nil {
				delete(c.list.chosen, p.ID)
			}
		}
		c.restock()
		c.tellRefused(done, picked, refused)
	})
}

// showChecking shows how far the checks before publishing are, on a sheet that
// gives them up when it is closed.
func (c *cataloguePage) showChecking(of int) (ctx context.Context, checked func(int), shut func()) {
	a := c.p.a
	ctx, cancel := context.WithCancel(a.ctx)
	n := 0
	give := func() {
		cancel()
		a.stage.closeSheet()
	}
	open := true
	a.stage.open(func(l *look) *sheet {
		bar := widget.NewProgressBar()
		bar.Value = float64(n) / float64(max(of, 1))
		stop := newPill(l, "stop", l.tr.t("import.cancel"), pillPlain, give)
		return newSheet(l, l.tr.t("stock.checking"), l.column(14, bar, l.body(l.tr.t("stock.checked", args{"done": n, "of": of}), l.pal.text)), stop, give)
	})
	checked = func(i int) {
		a.parts.onUI(func() {
			if n = i; open && ctx.Err() == nil && a.stage.opener != nil {
				a.stage.refreshSheet()
			}
		})
	}
	return ctx, checked, func() { open = false; give() }
}

// tellRefused lists products that could not be published, each with its reason.
func (c *cataloguePage) tellRefused(done int, picked []*catalog.Product, refused map[string]error) {
	if len(refused) == 0 {
		return
	}
	c.p.a.stage.open(func(l *look) *sheet {
		body := l.column(12, l.body(l.tr.t("stock.done_of", args{"done": done, "of": len(picked)}), l.pal.text))
		for _, p := range picked {
			if err := refused[p.ID]; err != nil {
				body.Add(l.bold(l.tr.of(p.Name), textBody, l.pal.text))
				body.Add(l.body(err.Error(), l.pal.warn))
			}
		}
		return newSheet(l, l.tr.t("stock.refused"), body, nil, c.p.a.stage.closeSheet)
	})
}

func (c *cataloguePage) deleteChosen() {
	c.p.touched()
	b := store.Batch{Kind: store.Remove}
	for id := range c.list.chosen {
		b.Delete = append(b.Delete, id)
	}
	c.apply(b)
}

// apply writes a batch and shows what became of it; Undo takes it back.
func (c *cataloguePage) apply(b store.Batch) {
	a := c.p.a
	a.inBackground(func(ctx context.Context) error {
		_, err := a.store.Apply(ctx, b)
		return err
	}, func(err error) {
		if err != nil {
			c.fail(err)
			return
		}
		clear(c.list.chosen)
		c.restock()
	})
}

// undo takes the last change back.
func (c *cataloguePage) undo() {
	c.p.touched()
	a := c.p.a
	var was store.Change
	a.inBackground(func(ctx context.Context) (err error) {
		was, err = a.store.Undo(ctx)
		return err
	}, func(err error) {
		t := c.p.look.tr
		switch {
		case errors.Is(err, store.ErrNothing):
			c.tell(t.t("stock.nothing_to_undo"))
		case err != nil:
			c.fail(err)
		default:
			c.restock()
			c.tell(t.t("stock.undone", args{"what": facts(t.t("change."+string(was.Kind)), was.Note), "n": was.Products}))
		}
	})
}

// tell shows a short sheet.
func (c *cataloguePage) tell(text string) {
	a := c.p.a
	a.stage.open(func(l *look) *sheet {
		return newSheet(l, l.tr.t("staff.catalogue"), l.column(10, l.body(text, l.pal.text)), nil, a.stage.closeSheet)
	})
}

func (c *cataloguePage) fail(err error) {
	c.p.a.notice(err)
	c.tell(err.Error())
}

// chooseSheet asks for a spreadsheet to import.
func (c *cataloguePage) chooseSheet() {
	c.p.touched()
	c.p.a.chooseFile([]string{".csv", ".tsv", ".xlsx", ".xml", ".txt"}, func(path string) { c.openSheet(path, "") })
}

// chooseExport asks where the ticked products go.
func (c *cataloguePage) chooseExport() {
	c.p.touched()
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if err != nil || w == nil {
			return
		}
		path := w.URI().Path()
		w.Close()
		c.export(path)
	}, c.p.a.win)
	d.SetFileName("products.csv")
	d.Resize(c.p.a.stage.size)
	d.Show()
}

// export writes the ticked products, whole with what their spreadsheet said.
func (c *cataloguePage) export(path string) {
	a := c.p.a
	wanted := map[string]bool{}
	for _, p := range c.list.picked() {
		wanted[p.ID] = true
	}
	var result exchange.Exported
	a.inBackground(func(ctx context.Context) error {
		format, err := exchange.FormatOf(path)
		if err != nil {
			return err
		}
		result, err = exchange.Export(ctx, path, format, func(ctx context.Context, visit func(*catalog.Product) error) error {
			return a.store.Each(ctx, func(p *catalog.Product) error {
				if !wanted[p.ID] {
					return nil
				}
				return visit(p)
			})
		})
		return err
	}, func(err error) {
		if err != nil {
			c.fail(err)
			return
		}
		c.tell(c.p.look.tr.t("stock.exported", args{"n": result.Products, "file": filepath.Base(path)}))
	})
}
