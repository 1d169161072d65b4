package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"maps"
	"slices"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio"
	"cheval/studio/anchor"
)

// editTab is a part of the editor.
type editTab uint8

const (
	tabDetails editTab = iota
	tabPhoto
	tabMask
	tabAnchors
	tabPublish
)

// editing is one product that is being edited, with everything that is not
// saved yet. It outlives the page that shows it, so that turning the window or
// looking elsewhere loses nothing. Its methods are called on the UI goroutine.
type editing struct {
	a       *App
	product *catalog.Product // as the store had it when it was opened or saved last
	form    productForm
	tab     editTab
	dirty   bool   // something can be saved
	asked   bool   // a person changed it, so that leaving asks first
	said    string // what is to be told at the top; "": nothing
	bad     bool   // it tells of something wrong

	originals []catalog.Picture     // its photos, those that are not saved yet included
	fresh     []catalog.Variant     // recoloured ones that are not saved yet
	extra     []madePicture         // pictures of those
	photos    map[string]*photoEdit // by the original's hash
	photo     string                // the one that is open; "": none
	exam      *examination          // nil: not examined since the last change
	examining bool
	saving    bool

	loading, finding, cutting, making, wearing latest

	edits    int         // how often something changed
	afterCut func()      // what waits for the brush's last stroke; nil: nothing
	page     *editorPage // nil: not shown
}

// madePicture is a picture with the record of its making, not in the store yet.
type madePicture struct {
	role  catalog.Role
	sku   string
	from  string
	name  string
	image *image.NRGBA
	steps []catalog.Step
}

// edit opens a product in the editor.
func (a *App) edit(id string) {
	a.endEditing()
	p, err := a.store.Product(id)
	if err != nil {
		a.notice(err)
		return
	}
	e := &editing{a: a}
	e.loading, e.finding, e.cutting, e.making, e.wearing = latest{a: a}, latest{a: a}, latest{a: a}, latest{a: a}, latest{a: a}
	e.show(p)
	a.editing = e
}

// endEditing forgets the product that is edited.
func (a *App) endEditing() {
	if a.editing != nil {
		a.editing.close()
		a.editing = nil
	}
}

// show takes a product as the store has it and forgets what was not saved.
func (e *editing) show(p *catalog.Product) {
	e.product, e.form = p, formOf(p)
	e.dirty, e.asked, e.exam, e.fresh, e.extra = false, false, nil, nil, nil
	e.photos, e.originals, e.photo = map[string]*photoEdit{}, nil, ""
	for _, x := range p.Pictures {
		if x.Role == catalog.Original && x.Hash != "" {
			e.originals = append(e.originals, x)
		}
	}
	if len(e.originals) > 0 {
		e.photo = e.originals[0].Hash
	}
}

// close gives up what is at work.
func (e *editing) close() {
	for _, w := range []*latest{&e.loading, &e.finding, &e.cutting, &e.making, &e.wearing} {
		w.stop()
	}
	e.page = nil
}

// touch says that a person changed something that is not saved.
func (e *editing) touch() {
	e.asked = true
	e.found()
}

// found says that something can be saved, be it only what was found.
func (e *editing) found() {
	e.edits++
	e.exam, e.said, e.bad = nil, "", false
	if !e.dirty {
		e.dirty = true
		if e.page != nil {
			e.page.showHead()
		}
	}
}

// tell shows a sentence at the top of the page.
func (e *editing) tell(text string, bad bool) {
	e.said, e.bad = text, bad
	if e.page != nil {
		e.page.showHead()
	}
}

func (e *editing) fail(err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	e.a.notice(err)
	e.tell(err.Error(), true)
}

// current is the photo that is open; nil: none, or it is not loaded yet.
func (e *editing) current() *photoEdit { return e.photos[e.photo] }

// isEyewear says whether the product is, as it is typed now.
func (e *editing) isEyewear() bool { return e.form.category == catalog.Worn }

// hint is the size that is typed; what cannot be read yet counts as nothing.
func (e *editing) hint() anchor.Hint {
	h, err := e.form.hint(e.a.look.tr)
	if err != nil {
		h = anchor.Hint{}
	}
	h.Material = e.product.Eyewear.Material
	return h
}

// variantOf is the variant that a photo shows: the first where it does not say.
func variantOf(p *catalog.Product, x catalog.Picture) int {
	i := slices.IndexFunc(p.Variants, func(v catalog.Variant) bool { return x.SKU != "" && v.SKU == x.SKU })
	return max(i, 0)
}

// maker makes pictures: the desk's studio or, where the models are not there,
// one that knows all that needs none.
func (e *editing) maker() (s *studio.Studio, models bool) {
	if e.a.desk != nil {
		return e.a.desk.studio, true
	}
	return studio.Open(nil, e.a.opts.Version), false
}

// save writes everything that was changed, as one change that undo takes back.
func (e *editing) save(then func()) {
	if e.saving {
		return
	}
	if e.cutting.busy { // a stroke of the brush is not done yet
		e.afterCut = func() { e.save(then) }
		return
	}
	a, t, form, currency := e.a, e.a.look.tr, e.form, e.a.settings.Currency
	form.name, form.text, form.variants = maps.Clone(form.name), maps.Clone(form.text), slices.Clone(form.variants)
	j, id, edits := e.job(), e.product.ID, e.edits
	e.saving = true
	e.tell(t.t("edit.saving"), false)
	var saved *catalog.Product
	a.inBackground(func(ctx context.Context) (err error) {
		p, err := a.store.Product(id)
		if err != nil {
			return err
		}
		if j.looks { // nobody has seen it worn like this
			p.State = catalog.Draft
		}
		p.Variants = append(p.Variants, j.fresh...)
		if err := form.onto(p, currency, t); err != nil {
			return err
		}
		if err := j.onto(ctx, p); err != nil {
			return err
		}
		if _, err := a.store.Apply(ctx, store.Batch{Kind: store.Edit, Note: t.of(p.Name), Put: []*catalog.Product{p}}); err != nil {
			return err
		}
		saved, err = a.store.Product(p.ID)
		return err
	}, func(err error) {
		e.saving = false
		if err != nil {
			e.fail(err)
			return
		}
		e.fresh, e.extra = e.fresh[len(j.fresh):], e.extra[len(j.extra):]
		if e.edits != edits { // what was changed meanwhile is still to be saved
			e.product = saved
			e.tell("", false)
			return
		}
		e.saved(saved)
		then()
	})
}

// saved goes on with the product as it was saved; loaded photos stay.
func (e *editing) saved(p *catalog.Product) {
	photos, photo, said := e.photos, e.photo, "edit.saved"
	if e.product.State == catalog.Published && p.State == catalog.Draft {
		said = "edit.saved_draft"
	}
	e.show(p)
	e.photos, e.photo = photos, photo
	for _, x := range photos {
		x.changed, x.dragged = false, false
	}
	e.tell(e.a.look.tr.t(said), false)
	if e.page != nil {
		e.page.showTab()
	}
}

// undo takes the catalogue's last change back and shows the product as it is
// then.
func (e *editing) undo() {
	a, t, id, unsaved := e.a, e.a.look.tr, e.product.ID, e.dirty
	said := t.t("edit.undone")
	var p *catalog.Product
	a.inBackground(func(ctx context.Context) error {
		if !unsaved { // what is not saved is taken back by reading the product again
			was, err := a.store.Undo(ctx)
			if err != nil {
				return err
			}
			said = t.t("stock.undone", args{"what": facts(t.t("change."+string(was.Kind)), was.Note), "n": was.Products})
		}
		var err error
		p, err = a.store.Product(id)
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, store.ErrNothing):
			e.tell(t.t("stock.nothing_to_undo"), false)
		case errors.Is(err, store.ErrAbsent):
			e.leave()
		case err != nil:
			e.fail(err)
		default:
			e.show(p)
			e.tell(said, false)
			if e.page != nil {
				e.page.showTab()
			}
		}
	})
}

// leave goes back to the catalogue.
func (e *editing) leave() {
	e.a.endEditing()
	if p := e.a.stage.staff; p != nil {
		p.open(sectionCatalogue)
	}
}

// keepPicture writes a picture's file and returns its record.
func (a *App) keepPicture(m madePicture) (catalog.Picture, error) {
	var b bytes.Buffer
	if err := studio.Encode(&b, m.image); err != nil {
		return catalog.Picture{}, fmt.Errorf("write a picture of %s: %w", m.name, err)
	}
	hash, err := a.store.PutPicture(&b)
	return catalog.Picture{Hash: hash, Role: m.role, SKU: m.sku, From: m.from, Name: m.name,
		Width: m.image.Rect.Dx(), Height: m.image.Rect.Dy(), Steps: m.steps}, err
}
