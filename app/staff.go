package app

import (
	"context"
	"math"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// staffIdle is how long the staff's screens stay open untouched.
const staffIdle = 5 * time.Minute

// section is one of the staff's screens.
type section uint8

const (
	sectionTour section = iota
	sectionCatalogue
	sectionGenerate
	sectionTickets
	sectionInsights
	sectionSuggest
	sectionVoice
	sectionHealth
	sectionSettings
)

// sections in the order of the menu, with their icons and texts.
var sections = [...]struct {
	icon, key string
}{
	{"play", "staff.tour"}, {"grid", "staff.catalogue"}, {"wand", "staff.generate"}, {"ticket", "staff.tickets"},
	{"chart", "staff.insights"}, {"sparkle", "staff.suggest"}, {"mic", "staff.voice"}, {"info", "staff.health"}, {"settings", "staff.settings"},
}

// staffPage is the frame of the screens behind the PIN: a menu at the side (on
// a tall window above) and one section beside it.
type staffPage struct {
	a       *App
	look    *look
	root    *fyne.Container
	menu    []*pill
	mark    *brand
	side    *canvas.Rectangle
	title   *canvas.Text
	content *fyne.Container
	onTick  func() // of the section; nil: none
	seen    time.Time
}

func newStaffPage(a *App, l *look) *staffPage {
	p := &staffPage{a: a, look: l, seen: a.now(), content: container.NewStack()}
	p.side = canvas.NewRectangle(l.pal.raised)
	p.mark = newBrand(l, a.settings, a.logo(), func() {})
	p.mark.flat = true
	p.title = l.bold("", textTitle+4, l.pal.text)
	objects := []fyne.CanvasObject{p.side, p.mark, p.title, p.content}
	for i, s := range sections {
		b := newPill(l, s.icon, l.tr.t(s.key), pillPlain, func() { p.open(section(i)) })
		b.left = true
		p.menu = append(p.menu, b)
		objects = append(objects, b)
	}
	back := newPill(l, "mirror", l.tr.t("staff.back"), pillAccent, a.lock)
	back.left = true
	p.menu = append(p.menu, back)
	p.root = placed(p.layout, append(objects, back)...)
	p.open(a.section)
	return p
}

// touched says that staff are still there.
func (p *staffPage) touched() { p.seen = p.a.now() }

// lock leaves the staff's screens; the PIN is asked for again.
func (a *App) lock() {
	a.stage.goTo(screenMirror)
	a.inBackground(func(context.Context) error { return a.parts.preview.Close() }, a.notice)
}

// open shows a section.
func (p *staffPage) open(s section) {
	p.a.section, p.seen = s, p.a.now()
	p.onTick, p.a.onStock, p.a.onDropped = nil, nil, nil
	for i, b := range p.menu[:len(sections)] {
		b.set(sections[i].icon, p.look.tr.t(sections[i].key), section(i) == s)
	}
	p.title.Text = p.look.tr.t(sections[s].key)
	if p.a.editing != nil {
		p.a.editing.page = nil
	}
	p.a.ideas.page = nil
	p.content.Objects = []fyne.CanvasObject{p.section(s)}
	p.content.Refresh()
	p.title.Refresh()
}

func (p *staffPage) section(s section) fyne.CanvasObject {
	switch s {
	case sectionCatalogue:
		if p.a.editing != nil {
			return newEditorPage(p, p.a.editing).root
		}
		return newCataloguePage(p).root
	case sectionGenerate:
		return newIdeasPage(p)
	case sectionTickets:
		return newTicketsPage(p)
	case sectionInsights:
		return newInsightsPage(p)
	case sectionSuggest:
		return newSuggestPage(p)
	case sectionVoice:
		return newVoicePage(p)
	case sectionHealth:
		return newHealthPage(p)
	case sectionSettings:
		return newSettingsPage(p).root
	}
	return newTourPage(p)
}

// tick leaves when nobody has touched anything for long.
func (p *staffPage) tick() {
	if p.a.now().Sub(p.seen) > staffIdle {
		p.a.lock()
		return
	}
	if p.onTick != nil {
		p.onTick()
	}
}

func (p *staffPage) layout(s fyne.Size) {
	if s.Height > s.Width {
		p.tall(s)
		return
	}
	l, m := p.look, p.look.px(28)
	sideW := l.px(290)
	put(p.side, rect{0, 0, sideW, s.Height})
	put(p.mark, rect{m, l.px(34), sideW - 2*m, l.px(66)})
	y := l.px(140)
	h := l.tap(64)
	for _, b := range p.menu[:len(sections)] {
		put(b, rect{m * 0.7, y, sideW - 1.4*m, h})
		y += h + l.px(10)
	}
	put(p.menu[len(sections)], rect{m * 0.7, s.Height - m - h, sideW - 1.4*m, h})
	x := sideW + l.px(40)
	put(p.title, rect{x, l.px(30), s.Width - x - m, l.px(60)})
	put(p.content, rect{x, l.px(110), s.Width - x - l.px(40), s.Height - l.px(110)})
}

// rowsOf parts a menu into rows of nearly equal length, as few as it needs.
func rowsOf(menu []*pill, width, gap float32) [][]*pill {
	need := -gap
	for _, b := range menu {
		need += b.MinSize().Width + gap
	}
	n := max(int(math.Ceil(float64(need/width))), 1)
	return slices.Collect(slices.Chunk(menu, (len(menu)+n-1)/n))
}

func (p *staffPage) tall(s fyne.Size) {
	l, m := p.look, p.look.px(40)
	h, gap := l.tap(64), l.px(14)
	put(p.mark, rect{m, l.px(34), s.Width/2 - m, l.px(66)})
	back := p.menu[len(sections)]
	bw := back.MinSize().Width + l.px(10)
	put(back, rect{s.Width - m - bw, l.px(34), bw, h})
	y := l.px(130)
	for _, part := range rowsOf(p.menu[:len(sections)], s.Width-2*m, gap) {
		widths := make([]float32, len(part))
		for i := range widths {
			widths[i] = part[i].MinSize().Width
		}
		for i, r := range row(rect{m, y, s.Width - 2*m, h}, widths, gap) {
			put(part[i], r)
		}
		y += h + gap
	}
	put(p.side, rect{0, 0, s.Width, y + l.px(12)})
	y += l.px(38)
	put(p.title, rect{m, y, s.Width - 2*m, l.px(60)})
	put(p.content, rect{m, y + l.px(80), s.Width - 2*m, s.Height - y - l.px(80)})
}
