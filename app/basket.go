package app

import (
	"context"
	"fmt"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/recommender/people"
)

// The basket: what the person would buy, and the ticket that takes it to staff.

// showBasket shows how much lies in the basket, and whether what is worn does.
func (p *mirrorPage) showBasket() {
	sh, b := p.a.shopper, &p.a.visit.Basket
	n := 0
	for _, l := range b.Lines() {
		n += l.Quantity
	}
	p.basket.set("basket", likesLabel(n), false)
	p.basket.setDisabled(n == 0)
	if x := sh.active(); x != nil {
		v := &x.Variants[sh.variantOf(x)]
		p.card.deeds[cardBasket].set("basket", "", b.Quantity(v.SKU) > 0)
		p.card.deeds[cardBasket].setDisabled(v.Stock == 0 && b.Quantity(v.SKU) == 0)
	}
	icon := "person"
	if p.a.visit.Profile() != nil {
		icon = "face"
	}
	p.profile.set(icon, "", p.a.visit.Profile() != nil)
}

// toggleBasket lays what is worn into the basket, or takes it out again.
func (a *App) toggleBasket() {
	p := a.shopper.active()
	if p == nil {
		return
	}
	sku := p.Variants[a.shopper.variantOf(p)].SKU
	if a.visit.Basket.Quantity(sku) > 0 {
		a.setBasket(p, 0)
		a.say("basket", a.look.tr.t("basket.out", args{"name": a.look.tr.of(p.Name)}))
		return
	}
	if a.setBasket(p, 1) {
		a.does(recommender.Keep, p)
		a.say("basket", a.look.tr.t("basket.in", args{"name": a.look.tr.of(p.Name)}))
	}
}

// setBasket lays n of what is chosen of p into the basket, and says where that
// cannot be.
func (a *App) setBasket(p *catalog.Product, n int) bool {
	return a.setInBasket(p, a.shopper.variantOf(p), n)
}

func (a *App) setInBasket(p *catalog.Product, variant, n int) bool {
	a.touched()
	err := a.visit.Basket.Set(p, variant, n, a.lang)
	if err != nil {
		a.say("warning", a.look.tr.t("basket.no_more", args{"n": p.Variants[variant].Stock}))
	}
	a.stage.refreshMirror()
	return err == nil
}

func (a *App) openBasket() {
	a.touched()
	a.stage.open(a.basketSheet)
}

func (a *App) basketSheet(l *look) *sheet {
	t := l.tr
	lines := a.visit.Basket.Lines()
	body := l.column(14)
	for _, line := range lines {
		if o := a.basketRow(l, line); o != nil {
			body.Add(o)
		}
	}
	if len(lines) == 0 {
		body.Add(l.body(t.t("basket.empty"), l.pal.quiet))
		return newSheet(l, t.t("basket.title"), body, nil, a.stage.closeSheet).clear()
	}
	body.Add(l.space(6))
	for _, m := range a.visit.Basket.Totals() {
		body.Add(l.bold(t.t("basket.total", args{"price": a.price(m)}), textTitle-4, l.pal.text))
	}
	ask := newPill(l, "ticket", t.t("basket.ask_staff"), pillAccent, a.askStaff)
	ask.setDisabled(a.people == nil)
	return newSheet(l, t.t("basket.title"), body, ask, a.stage.closeSheet).clear()
}

// basketRow is one line: the product, its colour and price, and how many.
func (a *App) basketRow(l *look, line people.Line) fyne.CanvasObject {
	p, variant := a.shopper.stock.SKU(line.SKU)
	if p == nil {
		return nil
	}
	v := &p.Variants[variant]
	name := l.bold(l.tr.of(p.Name), textBody, l.pal.text)
	facts := l.text(facts(l.tr.of(v.ColourName), a.price(v.Price)), textSmall+1, l.pal.quiet)
	count := l.bold(l.tr.int(line.Quantity), textLarge-4, l.pal.text)
	count.Alignment = fyne.TextAlignCenter
	set := func(n int) func() {
		return func() {
			a.setInBasket(p, variant, n)
			a.stage.refreshSheet()
		}
	}
	less := newPill(l, "", "–", pillPlain, set(line.Quantity-1)).small()
	more := newPill(l, "", "+", pillPlain, set(line.Quantity+1)).small()
	more.setDisabled(line.Quantity >= v.Stock)
	c := placed(nil, name, facts, less, count, more)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(360), l.px(76)) },
		place: func(s fyne.Size) {
			d := l.tap(54)
			put(name, rect{0, l.px(8), s.Width - 3*d, l.px(32)})
			put(facts, rect{0, l.px(42), s.Width - 3*d, l.px(28)})
			y := (s.Height - d) / 2
			put(less, rect{s.Width - 3*d, y, d, d})
			put(count, rect{s.Width - 2*d, y, d, d})
			put(more, rect{s.Width - d, y, d, d})
		},
	}
	return c
}

// askStaff makes a ticket of the basket and shows it. The basket is empty then.
func (a *App) askStaff() {
	a.touched()
	if a.people == nil || len(a.visit.Basket.Lines()) == 0 {
		return
	}
	basket, store, session, profile := a.visit.Basket, a.people, a.visit.Session(), ""
	if p := a.visit.Profile(); p != nil {
		profile = p.ID
	}
	var ticket *people.Ticket
	var code image.Image
	side := int(480 * a.pixelScale())
	a.inBackground(func(context.Context) (err error) {
		if ticket, err = store.MakeTicket(&basket, profile, session); err != nil {
			return err
		}
		code, err = ticket.QR(side)
		return err
	}, func(err error) {
		if err != nil {
			a.notice(err)
			a.say("warning", a.look.tr.t("ticket.failed"))
			return
		}
		for _, line := range basket.Lines() {
			a.do(recommender.Event{Kind: recommender.Ask, Product: line.Product, Variant: line.SKU})
		}
		a.visit.Basket.Clear()
		a.stage.refreshMirror()
		a.stage.open(func(l *look) *sheet { return a.ticketSheet(l, ticket, code) })
	})
}

// ticketSheet shows a ticket as staff take it: its number, what it is of, and a
// code that carries it whole.
func (a *App) ticketSheet(l *look, ticket *people.Ticket, code image.Image) *sheet {
	t := l.tr
	number := l.bold(ticketNumber(ticket), textHuge, l.pal.accentText)
	number.Alignment = fyne.TextAlignCenter
	picture := canvas.NewImageFromImage(code)
	picture.FillMode, picture.ScaleMode = canvas.ImageFillContain, canvas.ImageScalePixels
	picture.SetMinSize(fyne.NewSquareSize(l.px(300)))
	body := l.column(12, number, l.centred(picture, l.px(300)), l.body(t.t("ticket.text"), l.pal.text), l.space(4))
	for _, line := range ticket.Lines {
		body.Add(l.text(fmt.Sprintf("%d × %s", line.Quantity, facts(line.Name, line.Colour, line.SKU)), textBody, l.pal.quiet))
	}
	done := newPill(l, "check", t.t("ticket.done"), pillAccent, a.stage.closeSheet)
	return newSheet(l, t.t("ticket.title"), body, done, a.stage.closeSheet)
}

func ticketNumber(t *people.Ticket) string { return fmt.Sprintf("#%04d", t.Number) }
