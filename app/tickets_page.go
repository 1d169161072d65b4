package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"cheval/recommender/people"
)

// shownTickets is how many of the newest tickets staff see.
const shownTickets = 60

// ticketsPage lists what shoppers asked staff for. Staff mark each ticket sold
// or not: that is where the recommender learns what is bought.
type ticketsPage struct {
	a    *App
	look *look
	body *fyne.Container
}

func newTicketsPage(p *staffPage) fyne.CanvasObject {
	page := &ticketsPage{a: p.a, look: p.look, body: p.look.column(16)}
	page.read()
	return p.look.scrolling(p.look.column(16, page.scanner(), page.body))
}

// scanner takes a ticket's code, as a reader at the till types it, or its
// number.
func (p *ticketsPage) scanner() fyne.CanvasObject {
	l, t := p.look, p.look.tr
	code := widget.NewMultiLineEntry()
	code.SetPlaceHolder(t.t("tickets.scan_hint"))
	code.SetMinRowsVisible(2)
	read := newPill(l, "ticket", t.t("tickets.scan"), pillPlain, func() {
		p.find(code.Text)
		code.SetText("")
	}).small()
	read.setDisabled(p.a.people == nil)
	return l.column(8, code, l.chips(read))
}

// find shows the ticket of a code or a number, and says where the code is not
// what the shop wrote.
func (p *ticketsPage) find(text string) {
	a, shop := p.a, p.a.people
	var scanned, kept *people.Ticket
	var failed error // of the store, not of what was scanned
	a.inBackground(func(context.Context) error {
		n, err := strconv.ParseUint(strings.TrimLeft(strings.TrimSpace(text), "#"), 10, 64)
		if err != nil {
			if scanned, err = people.ParseTicket(text); err != nil {
				return err
			}
			n = scanned.Number
		}
		kept, err = shop.Ticket(n)
		if errors.Is(err, people.ErrNoTicket) {
			if scanned != nil {
				return nil // of another machine of the shop
			}
			return err
		}
		failed = err
		return err
	}, func(err error) {
		a.notice(failed)
		a.stage.open(func(l *look) *sheet { return p.foundSheet(l, scanned, kept, err) })
	})
}

// foundSheet is what find came to.
func (p *ticketsPage) foundSheet(l *look, scanned, kept *people.Ticket, err error) *sheet {
	body, t := l.column(12), l.tr
	shut := p.a.stage.closeSheet
	switch {
	case errors.Is(err, people.ErrNoTicket):
		body.Add(l.body(t.t("tickets.unknown"), l.pal.text))
	case err != nil:
		body.Add(l.body(t.t("tickets.no_code"), l.pal.text))
	case kept == nil:
		body.Add(l.body(t.t("tickets.elsewhere"), l.pal.warn))
		body.Add(p.lines(scanned))
	default:
		if scanned != nil && !kept.Same(scanned) {
			body.Add(l.body(t.t("tickets.differs"), l.pal.warn))
		}
		body.Add(p.card(kept))
	}
	return newSheet(l, t.t("tickets.scan_title"), body, nil, shut)
}

// read shows the tickets as they are now.
func (p *ticketsPage) read() {
	l, t := p.look, p.look.tr
	if p.a.people == nil {
		p.body.Objects = []fyne.CanvasObject{l.body(t.t("insights.closed"), l.pal.text)}
		return
	}
	var tickets []people.Ticket
	p.a.inBackground(func(context.Context) (err error) {
		tickets, err = p.a.people.Tickets(shownTickets)
		return err
	}, func(err error) {
		p.body.Objects = nil
		if err != nil {
			p.a.notice(err)
			p.body.Add(l.body(t.t("tickets.failed"), l.pal.warn))
		}
		if len(tickets) == 0 && err == nil {
			p.body.Add(l.body(t.t("tickets.none"), l.pal.text))
		}
		for i := range tickets {
			p.body.Add(p.card(&tickets[i]))
		}
		p.body.Refresh()
	})
}

// card is one ticket with what can be done with it.
func (p *ticketsPage) card(k *people.Ticket) fyne.CanvasObject {
	l, t := p.look, p.look.tr
	box := p.lines(k)
	if k.State == people.TicketOpen {
		all := make([]int, len(k.Lines))
		for i, line := range k.Lines {
			all[i] = line.Quantity
		}
		sold := newPill(l, "check", t.t("tickets.sold"), pillAccent, func() { p.settle(k.Number, all) }).small()
		not := newPill(l, "close", t.t("tickets.not_sold"), pillPlain, func() { p.settle(k.Number, nil) }).small()
		box.Add(l.chips(sold, not))
		if len(k.Lines) > 1 {
			box.Add(l.chips(p.single(k)...))
		}
	}
	back := canvas.NewRectangle(l.pal.raised)
	back.CornerRadius = l.px(20)
	return onPlate(l, back, box)
}

// lines says what a ticket holds.
func (p *ticketsPage) lines(k *people.Ticket) *fyne.Container {
	l, t := p.look, p.look.tr
	head := l.bold(facts(ticketNumber(k), k.Made.Format("2006-01-02 15:04"), t.t("ticket.state."+string(k.State))), textBody, l.pal.text)
	box := l.column(8, head)
	for i, line := range k.Lines {
		text := fmt.Sprintf("%d × %s", line.Quantity, facts(line.Name, line.Colour, line.SKU, p.a.price(line.Price)))
		if k.State == people.TicketSold && k.Sold[i] < line.Quantity {
			text = facts(text, t.t("tickets.sold_of", args{"n": k.Sold[i]}))
		}
		box.Add(l.text(text, textBody, l.pal.quiet))
	}
	for _, m := range k.Totals() {
		box.Add(l.text(t.t("basket.total", args{"price": p.a.price(m)}), textBody, l.pal.accentText))
	}
	return box
}

// single has one line of a ticket sold and the others not.
func (p *ticketsPage) single(k *people.Ticket) (pills []fyne.CanvasObject) {
	for i, line := range k.Lines {
		only := make([]int, len(k.Lines))
		only[i] = line.Quantity
		pills = append(pills, newPill(p.look, "check", p.look.tr.t("tickets.only", args{"name": line.Name}), pillPlain,
			func() { p.settle(k.Number, only) }).small())
	}
	return pills
}

func (p *ticketsPage) settle(ticket uint64, sold []int) {
	p.a.inBackground(func(context.Context) error {
		_, err := p.a.people.Settle(ticket, sold)
		return err
	}, func(err error) {
		p.a.notice(err)
		if p.a.stage.opener != nil {
			p.a.stage.closeSheet()
		}
		p.read()
	})
}

// onPlate lays an object on a plate.
func onPlate(l *look, back *canvas.Rectangle, o fyne.CanvasObject) fyne.CanvasObject {
	c := placed(nil, back, o)
	pad := l.px(24)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return o.MinSize().AddWidthHeight(2*pad, 2*pad) },
		place: func(s fyne.Size) {
			put(back, rect{0, 0, s.Width, s.Height})
			put(o, rect{pad, pad, s.Width - 2*pad, s.Height - 2*pad})
		},
	}
	return c
}
