package app

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// pinpad asks for the shop's PIN, or has it set the first time.
type pinpad struct {
	a       *App
	look    *look
	entered string
	first   string // of a new PIN that is asked for twice; "": not yet
	setting bool
	busy    bool
	message string
	bad     bool

	dots  *fyne.Container
	title *paragraph
	line  *paragraph
}

// openStaff leads to the staff's screens through the PIN.
func (a *App) openStaff() {
	a.askPIN(!a.pin.isSet(), func() { a.stage.goTo(screenStaff) })
}

// askPIN shows the pad; then is called once the right PIN was entered, or a
// new one set.
func (a *App) askPIN(setting bool, then func()) {
	p := &pinpad{a: a, setting: setting}
	a.stage.pad = p
	a.stage.open(func(l *look) *sheet { return p.sheet(l, then) })
}

func (p *pinpad) sheet(l *look, then func()) *sheet {
	p.look = l
	p.dots = container.New(&flowCentre{gap: l.px(18)})
	p.title = l.body("", l.pal.text)
	p.line = l.body("", l.pal.quiet)
	p.title.align, p.line.align = fyne.TextAlignCenter, fyne.TextAlignCenter
	body := l.column(14, p.title, p.dots, p.line, l.numberPad(func(k string) { p.press(k, then) }))
	s := newSheet(l, l.tr.t("pin.title"), body, nil, p.a.stage.closeSheet)
	s.tick = p.refresh
	s.typed = func(k fyne.KeyName) { p.typed(k, then) }
	p.refresh()
	return s
}

func (p *pinpad) press(k string, then func()) {
	switch k {
	case "<":
		p.erase()
	case ">":
		p.enter(then)
	default:
		p.digit(k)
	}
}

func (p *pinpad) typed(k fyne.KeyName, then func()) {
	switch {
	case k == fyne.KeyBackspace:
		p.erase()
	case k == fyne.KeyReturn || k == fyne.KeyEnter:
		p.enter(then)
	case len(k) == 1 && k[0] >= '0' && k[0] <= '9':
		p.digit(string(k))
	}
}

func (p *pinpad) digit(k string) {
	if len(p.entered) < pinMost && !p.busy {
		p.entered += k
		p.message = ""
		p.refresh()
	}
}

func (p *pinpad) erase() {
	if p.entered != "" && !p.busy {
		p.entered = p.entered[:len(p.entered)-1]
		p.refresh()
	}
}

// enter tries what was entered, away from the UI goroutine: the hash is slow
// on purpose.
func (p *pinpad) enter(then func()) {
	if p.busy || len(p.entered) < pinLeast {
		return
	}
	digits := p.entered
	p.entered = ""
	if p.setting && p.first == "" {
		p.first = digits
		p.refresh()
		return
	}
	if p.setting && p.first != digits {
		p.first = ""
		p.complain("pin.differ")
		return
	}
	p.busy = true
	p.refresh()
	work := p.a.pin.try
	if p.setting {
		work = p.a.pin.set
	}
	p.a.inBackground(func(context.Context) error { return work(digits) }, func(err error) { p.answer(err, then) })
}

func (p *pinpad) answer(err error, then func()) {
	p.busy = false
	var soon *tooSoonError
	switch {
	case err == nil:
		p.a.stage.closeSheet()
		then()
	case errors.Is(err, errWrongPIN):
		p.complain("pin.wrong")
	case errors.As(err, &soon):
		p.refresh()
	default:
		p.a.notice(err)
		p.complain("pin.damaged")
	}
}

func (p *pinpad) complain(key string) {
	p.message, p.bad = p.look.tr.t(key), true
	p.refresh()
}

// refresh shows how many digits there are and what is asked.
func (p *pinpad) refresh() {
	l, t := p.look, p.look.tr
	ask := "pin.enter"
	switch {
	case p.setting && p.first == "":
		ask = "pin.new"
	case p.setting:
		ask = "pin.again"
	}
	p.title.setText(t.t(ask, args{"least": pinLeast, "most": pinMost}), l.pal.text)
	text, tint := p.message, l.pal.bad
	if wait := p.a.pin.wait(); wait > 0 && !p.setting {
		text = t.t("pin.wait", args{"n": int((wait + time.Second - 1) / time.Second)})
	}
	if p.busy {
		text, tint = t.t("pin.busy"), l.pal.quiet
	}
	p.line.setText(text, tint)
	p.showDots()
}

func (p *pinpad) showDots() {
	l := p.look
	n := max(pinLeast, len(p.entered))
	p.dots.Objects = p.dots.Objects[:0]
	for i := range n {
		c := canvas.NewCircle(alpha(l.pal.text, 30))
		if i < len(p.entered) {
			c.FillColor = l.pal.accent
		}
		box := container.New(layoutFunc{
			least: func() fyne.Size { return fyne.NewSquareSize(l.px(22)) },
			place: func(s fyne.Size) { put(c, rect{0, 0, l.px(22), l.px(22)}) },
		}, c)
		p.dots.Add(box)
	}
	p.dots.Refresh()
}
