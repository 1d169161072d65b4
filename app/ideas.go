package app

import (
	"context"
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio/generate"
	"cheval/studio/generate/frames"
	"cheval/tryon/render"
)

// ideaCounts are how many designs may be asked for at once by touch.
var ideaCounts = [...]int{12, 24, 100}

// mostIdeas bounds what words may ask for: all stand on the wall.
const mostIdeas = 500

// ideaSide is how wide eyewear is drawn, in pixels.
const ideaSide = 360

// idea is a design on the wall: a garment that the generator drew, or eyewear.
type idea struct {
	picture image.Image // on nothing
	design  *generate.Design
	frame   *frames.Proposal
	asked   ideaRun // that it was made by
	product *catalog.Product
	kept    string // ID of the product that it became; "": none
	keeping bool   // it is being made
}

// number is how it is called on the wall.
func (i *idea) number() string {
	seed, n := int64(0), 0
	if i.design != nil {
		seed, n = i.design.Seed, i.design.Number
	} else {
		seed, n = i.frame.Seed, i.frame.Number
	}
	return "#" + strconv.FormatInt(seed, 10) + "-" + strconv.Itoa(n+1)
}

// ideaRun is what was asked for.
type ideaRun struct {
	garment generate.Request
	frame   frames.Request
	eyewear bool
	like    []*catalog.Product // garments whose style is to be read first
	count   int
}

// ideas is the generate screen's state. It belongs to the UI goroutine and
// outlives the page, which is built anew with every look.
type ideas struct {
	a       *App
	maker   garmentMaker // nil until it is open
	opened  garmentMaker // the same, written by a job and read after it
	opening bool
	failed  error // why it could not be opened

	words    string
	ignored  []string
	category string // "" none is chosen yet; catalog.Worn is eyewear
	colour   string // "" any
	shape    catalog.Shape
	extra    frames.Request // what else words said of eyewear
	count    int
	seed     int64
	like     []*catalog.Product

	wall          []*idea
	run           *ideaRun // that the wall is of; nil: none yet
	want          int      // how many are asked for
	began         time.Time
	stop          context.CancelFunc // nil: nothing is being drawn
	chosen, other *idea
	before        []ideaWall

	page *ideasPage // nil: not shown
}

// ideaWall is a wall that one can go back to.
type ideaWall struct {
	run           *ideaRun
	wall          []*idea
	want          int
	chosen, other *idea
}

// mostWalls bounds how far one can go back.
const mostWalls = 12

func newIdeas(a *App) *ideas { return &ideas{a: a, count: ideaCounts[1], seed: 1} }

// open starts the generator's models, once.
func (d *ideas) open() {
	if d.maker != nil || d.opening || d.failed != nil || d.a.parts.garments == nil {
		return
	}
	d.opening = true
	device, make := d.a.settings.Device, d.a.parts.garments
	d.a.inBackground(func(context.Context) (err error) {
		d.opened, err = make(device)
		return err
	}, func(err error) {
		d.opening, d.failed, d.maker = false, err, d.opened
		d.a.notice(err)
		d.changed()
	})
}

func (d *ideas) close() error {
	if d.opened == nil {
		return nil
	}
	return d.opened.Close()
}

// changed shows what is different.
func (d *ideas) changed() {
	if d.page != nil {
		d.page.refresh()
	}
}

// categories are what can be asked for now.
func (d *ideas) categories() []string {
	out := []string{catalog.Worn}
	if d.maker != nil {
		out = append(out, d.maker.knows().Categories...)
	}
	return out
}

// hear takes what was typed; words that say nothing here are told.
func (d *ideas) hear(words string) {
	d.words, d.ignored, d.extra = words, nil, frames.Request{}
	wish := generate.Parse(words)
	if frames.Mentioned(words) || d.category == catalog.Worn && wish.Category == "" && words != "" {
		r, ignored := frames.Words(words)
		d.category, d.colour, d.shape, d.extra, d.ignored = catalog.Worn, r.Colour, r.Shape, r, ignored
		d.setCount(r.Count)
		return
	}
	if wish.Category != "" {
		d.category = wish.Category
	}
	d.colour, d.ignored = wish.Colour, wish.Ignored
	d.setCount(wish.Count)
}

func (d *ideas) setCount(n int) {
	if n > 0 {
		d.count = min(n, mostIdeas)
	}
}

// reseed draws another seed: the next wall is another.
func (d *ideas) reseed() { d.seed = rand.Int64N(10000) }

// begin draws a wall of what is asked for.
func (d *ideas) begin() {
	r := &ideaRun{count: d.count, eyewear: d.category == catalog.Worn}
	if r.eyewear {
		r.frame = d.extra
		r.frame.Colour, r.frame.Shape, r.frame.Count, r.frame.Seed, r.frame.First = d.colour, d.shape, d.count, d.seed, 0
		for _, p := range d.like {
			if p.Wearable() {
				r.frame.Like = append(r.frame.Like, p)
			}
		}
	} else {
		r.garment = generate.Request{Category: d.category, Colour: d.colour, Count: d.count, Seed: d.seed}
		for _, p := range d.like {
			if !p.Wearable() {
				r.like = append(r.like, p)
			}
		}
	}
	d.draw(r)
}

// moreLike draws a wall of designs like one, or between two.
func (d *ideas) moreLike(some ...*idea) {
	r := &ideaRun{count: d.count, eyewear: some[0].frame != nil}
	if r.eyewear {
		r.frame = frames.Request{Count: d.count, Seed: d.seed}
		for _, i := range some {
			r.frame.Like = append(r.frame.Like, i.product)
		}
	} else {
		r.garment = generate.Request{Category: some[0].design.Category, Count: d.count, Seed: d.seed}
		for _, i := range some {
			r.garment.Like = append(r.garment.Like, generate.Liked{Name: i.number(), Style: i.design.Style, Weight: 1})
		}
	}
	d.draw(r)
}

// draw begins a wall; the one before can be gone back to.
func (d *ideas) draw(r *ideaRun) {
	d.halt()
	if d.run != nil {
		d.before = append(d.before, ideaWall{d.run, d.wall, d.want, d.chosen, d.other})
		d.before = d.before[max(0, len(d.before)-mostWalls):]
	}
	ctx, stop := context.WithCancel(d.a.ctx)
	d.run, d.wall, d.want, d.chosen, d.other = r, nil, r.count, nil, nil
	d.began, d.stop = d.a.now(), stop
	give := func(i *idea) { d.a.parts.onUI(func() { d.arrived(r, i) }) }
	work := d.garments
	if r.eyewear {
		work = d.frames
	}
	do := work(r, give)
	d.a.inBackground(func(context.Context) error { return do(ctx) }, func(err error) {
		stop()
		if d.run != r {
			return
		}
		d.stop, d.want = nil, len(d.wall)
		if err != nil && !errors.Is(err, context.Canceled) {
			d.fail(err)
		}
		d.changed()
	})
	d.changed()
}

// halt stops what is being drawn.
func (d *ideas) halt() {
	if d.stop != nil {
		d.stop()
		d.stop = nil
		d.want = len(d.wall)
	}
}

// back shows the wall before.
func (d *ideas) back() {
	if len(d.before) == 0 {
		return
	}
	d.halt()
	w := d.before[len(d.before)-1]
	d.before = d.before[:len(d.before)-1]
	d.run, d.wall, d.want, d.chosen, d.other = w.run, w.wall, len(w.wall), w.chosen, w.other
	d.changed()
}

// arrived hangs a design on the wall.
func (d *ideas) arrived(r *ideaRun, i *idea) {
	if d.run != r {
		return
	}
	d.wall = append(d.wall, i)
	if d.chosen == nil {
		d.choose(i)
	}
	if d.page != nil {
		d.page.refreshWall()
	}
}

// choose looks at a design; the one before is what it can be mixed with.
func (d *ideas) choose(i *idea) {
	if d.chosen != i {
		d.other, d.chosen = d.chosen, i
	}
	if d.page != nil {
		d.page.showChosen()
	}
}

// garments is the work of a wall of garments.
func (d *ideas) garments(r *ideaRun, give func(*idea)) func(context.Context) error {
	maker, shop := d.maker, d.a.store
	return func(ctx context.Context) error {
		request := r.garment
		request.Like = slices.Clone(request.Like)
		for _, p := range r.like {
			shot, err := photoOfProduct(shop, p)
			if shot == nil || err != nil {
				return errors.Join(err, errNoPhoto(p))
			}
			style, err := maker.style(ctx, shot)
			if err != nil {
				return err
			}
			request.Like = append(request.Like, generate.Liked{Name: p.ID, Style: style, Weight: 1})
		}
		asked := *r
		asked.garment = request
		return maker.design(ctx, request, func(m *generate.Design) { give(&idea{picture: m.Image, design: m, asked: asked}) })
	}
}

func errNoPhoto(p *catalog.Product) error {
	return errors.New("generate: " + p.ID + " has no picture that designs could take after")
}

// frames is the work of a wall of eyewear, which learns from all frames that
// the shop has.
func (d *ideas) frames(r *ideaRun, give func(*idea)) func(context.Context) error {
	all, version := d.a.everything(), d.a.opts.Version
	return func(ctx context.Context) error {
		prior, err := frames.Fit(all)
		if err != nil {
			return err
		}
		return prior.Propose(ctx, r.frame, func(m *frames.Proposal) error {
			p, err := prior.Product(r.frame, m, frameNames(m), version, time.Now().UTC().Truncate(time.Second))
			if err != nil {
				return err
			}
			img := render.Picture(m.Mesh, m.Eyewear, &m.Variant, render.PictureOptions{W: ideaSide, H: ideaSide * 2 / 3, Yaw: -24, Pitch: -6})
			give(&idea{picture: img, frame: m, asked: *r, product: p})
			return nil
		})
	}
}

// frameNames are what eyewear is called until somebody names it.
func frameNames(m *frames.Proposal) map[string]string {
	return map[string]string{"en": "Frame " + m.Eyewear.Notation(), "zh": "镜框 " + m.Eyewear.Notation()}
}

// recolour hangs the chosen garment in another colour at the end of the wall.
func (d *ideas) recolour(colour string) {
	maker, of, r := d.maker, d.chosen, d.run
	var made *generate.Design
	d.a.inBackground(func(context.Context) (err error) {
		made, err = maker.recolour(of.design, colour)
		return err
	}, func(err error) {
		if err != nil {
			d.fail(err)
			return
		}
		if d.run != r {
			return
		}
		i := &idea{picture: made.Image, design: made, asked: of.asked}
		i.asked.garment.Colour = colour
		d.wall = append(d.wall, i)
		d.want = max(d.want, len(d.wall))
		d.choose(i)
		d.changed()
	})
}

// keep makes a draft of a design; Undo in the catalogue takes it back.
func (d *ideas) keep(i *idea) {
	if i.keeping || i.kept != "" {
		return
	}
	i.keeping = true
	a := d.a
	shop, maker, name := a.store, d.maker, d.nameOf(i)
	var id string
	a.inBackground(func(ctx context.Context) (err error) {
		b := store.Batch{Kind: store.Generate}
		if i.frame != nil {
			b.Put = []*catalog.Product{i.product}
		} else if b, err = maker.draft(ctx, shop, i.design, i.asked.garment, name); err != nil {
			return err
		}
		id = b.Put[0].ID
		b.Note = id
		_, err = shop.Apply(ctx, b)
		return err
	}, func(err error) {
		i.keeping = false
		if err != nil {
			d.fail(err)
			return
		}
		i.kept = id
		d.changed()
		if d.page != nil && d.chosen == i {
			d.page.showChosen()
		}
	})
}

// nameOf is what a garment is called until somebody names it.
func (d *ideas) nameOf(i *idea) map[string]string {
	if i.design == nil {
		return nil
	}
	out := map[string]string{}
	for _, lang := range languages {
		t := newTranslator(d.a.bundle, lang)
		out[lang] = t.t("generate.name", args{"colour": t.t("colour." + i.design.Colour), "category": t.t("generate.category." + i.design.Category), "number": i.number()})
	}
	return out
}

// fail tells what went wrong.
func (d *ideas) fail(err error) {
	a := d.a
	a.notice(err)
	a.stage.open(func(l *look) *sheet {
		return newSheet(l, l.tr.t("staff.generate"), l.column(10, l.body(err.Error(), l.pal.text)), nil, a.stage.closeSheet)
	})
}

// likeProduct opens the screen with a product that designs are to be like.
func (d *ideas) likeProduct(p *catalog.Product) {
	d.like = []*catalog.Product{p}
	switch {
	case p.Wearable():
		d.category = catalog.Worn
	case d.category == catalog.Worn || p.Category != "":
		d.category = ""
		if slices.Contains(d.categories(), p.Category) {
			d.category = p.Category
		}
	}
}
