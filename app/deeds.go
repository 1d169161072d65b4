package app

import (
	"math"

	"fyne.io/fyne/v2/canvas"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/viewport"
)

// What a shopper does, from a touch, a key or the guided demo alike.

// touched says that somebody is doing something: the visit goes on.
func (a *App) touched() {
	a.session.touch(a.now())
	if a.leaving > 0 {
		a.leaving = 0
	}
	a.followWorn()
	a.stage.refreshMirror()
}

func (a *App) showLooks() {
	a.followWorn()
	a.dressMirror()
}

// wear puts a product on.
func (a *App) wear(p *catalog.Product) {
	a.touched()
	a.shopper.wear(p)
	a.showLooks()
	a.stage.refreshMirror()
}

// step wears the next product or the one before.
func (a *App) step(d int) {
	a.shopper.step(d)
	a.touched()
	a.showLooks()
	a.stage.refreshMirror()
}

// chooseVariant wears another colourway of the active product.
func (a *App) chooseVariant(i int) {
	if p := a.shopper.active(); p != nil && i >= 0 && i < len(p.Variants) {
		a.shopper.variant[p.ID] = i
	}
	a.touched()
	a.showLooks()
	a.stage.refreshMirror()
}

func (a *App) setView(v viewport.View) {
	a.view = v
	a.mirror.SetView(v)
	a.stage.refreshMirror()
}

func (a *App) toggleWipe() {
	a.touched()
	v := a.view
	a.leaveSides()
	if v.Mode == viewport.Wipe {
		v.Mode = viewport.Single
	} else {
		v.Mode, v.WipeAt = viewport.Wipe, 0.5
	}
	a.setView(v)
}

// toggleBefore changes what the wipe compares with: the bare face, or what was
// drawn and not yet refined. It opens the wipe where that is shut.
func (a *App) toggleBefore() {
	a.touched()
	if a.view.Mode != viewport.Wipe {
		a.toggleWipe()
	}
	if a.status.Refined == "" && a.view.Before == viewport.BeforeWorn {
		a.say("before-after", a.look.tr.t("health.unrefined"))
		return
	}
	v, key := a.view, "before.worn"
	if v.Before == viewport.BeforeWorn {
		v.Before, key = viewport.BeforeRefined, "before.refined"
	} else {
		v.Before = viewport.BeforeWorn
	}
	a.setView(v)
	a.say("before-after", a.look.tr.t(key))
}

func (a *App) toggleSides() {
	a.touched()
	v := a.view
	on := v.Mode != viewport.SideBySide
	if !on {
		a.leaveSides()
		v.Mode = viewport.Single
	} else {
		a.shopper.compare(true)
		v.Mode = viewport.SideBySide
		a.compared()
	}
	a.showLooks()
	a.setView(v)
}

// compared notes which two products stand side by side.
func (a *App) compared() {
	s := a.shopper
	if s.worn != nil && s.second != nil && s.worn != s.second {
		a.do(recommender.Event{Kind: recommender.Compare, Product: s.worn.ID, Other: s.second.ID})
	}
}

// leaveSides keeps on what was chosen last.
func (a *App) leaveSides() {
	if a.shopper.second == nil {
		return
	}
	a.shopper.worn = a.shopper.active()
	a.shopper.compare(false)
	a.showLooks()
}

func (a *App) chooseSide(i int) {
	a.touched()
	a.shopper.side = i
	a.stage.refreshMirror()
}

func (a *App) wipeTo(at float32) {
	a.session.touch(a.now())
	a.view.WipeAt = min(max(at, 0.02), 0.98)
	a.mirror.SetView(a.view)
	a.stage.moveHandle()
}

func (a *App) zoomTo(z float32) {
	a.touched()
	v := a.view
	v.Zoom = min(max(z, 1), 4)
	if v.Zoom == 1 {
		v.Pan = [2]float32{}
	}
	a.setView(v)
}

// pan moves a zoomed mirror by parts of the window, as the finger does.
func (a *App) pan(dx, dy float32) {
	lim := (1 - 1/a.view.Zoom) / 2 * a.view.Zoom
	clamp := func(v float32) float32 { return float32(math.Max(-float64(lim), math.Min(float64(lim), float64(v)))) }
	a.view.Pan = [2]float32{clamp(a.view.Pan[0] - dx), clamp(a.view.Pan[1] - dy)}
	a.session.touch(a.now())
	a.mirror.SetView(a.view)
}

func (a *App) chooseFace(id int) {
	a.touched()
	a.mirror.Choose(id)
}

func (a *App) toggleLike() {
	p := a.shopper.active()
	if p == nil {
		return
	}
	a.likeProduct(p)
}

// likeProduct toggles a product's heart.
func (a *App) likeProduct(p *catalog.Product) {
	a.shopper.like(p)
	a.touched()
	if a.shopper.likes(p) {
		a.does(recommender.Like, p)
	}
}

// dislike passes the active product over for good: it is not suggested again
// on this visit.
func (a *App) dislike() {
	p := a.shopper.active()
	if p == nil {
		return
	}
	if a.shopper.likes(p) {
		a.shopper.like(p)
	}
	a.touched()
	a.does(recommender.Dislike, p)
	a.step(1)
	a.say("thumb-down", a.look.tr.t("dislike.said", args{"name": a.look.tr.of(p.Name)}))
}

func (a *App) toggleLanguage() {
	a.session.touch(a.now())
	if a.lang == "en" {
		a.lang = "zh"
	} else {
		a.lang = "en"
	}
	a.stage.build()
}

func (a *App) toggleDebug() {
	v := a.view
	v.Debug = !v.Debug
	a.setView(v)
}

// price shows a price in the shop's currency.
func (a *App) price(m catalog.Money) string {
	if m.Currency != a.settings.Currency {
		m = convert(m, a.settings.Currency, a.settings.Rate)
	}
	return a.look.tr.price(m)
}

func (a *App) logo() *canvas.Image {
	if a.logoFile == nil {
		return nil
	}
	img := canvas.NewImageFromImage(a.logoFile)
	img.FillMode = canvas.ImageFillContain
	return img
}

// refreshMirror shows what was chosen, if the mirror is what is shown.
func (s *stage) refreshMirror() {
	if s.mirror != nil {
		s.mirror.refresh()
	}
}

func (s *stage) moveHandle() {
	if s.mirror != nil {
		s.mirror.placeHandle()
	}
}
