package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// fontsRest is how long after a theme is set the fonts have been read.
const fontsRest = 4 * time.Second

// screen is what fills the window.
type screen uint8

const (
	screenMirror screen = iota
	screenStaff
)

// stage holds the screen and the sheet over it, and builds both anew when the
// window's size, the language or the settings ask for another look.
type stage struct {
	a       *App
	theme   shopTheme
	root    *fyne.Container
	screen  screen
	mirror  *mirrorPage // nil unless shown
	staff   *staffPage  // nil unless shown
	sheet   *sheet      // nil: none
	opener  func(*look) *sheet
	pulse   fyne.CanvasObject // a pixel that tells of paintings; nil: none
	pad     *pinpad           // that the sheet shows, or showed last
	size    fyne.Size
	content fyne.CanvasObject
}

func newStage(a *App) *stage {
	s := &stage{a: a, size: fyne.NewSize(1280, 800)}
	s.root = container.New(layoutFunc{place: s.layout})
	s.build()
	return s
}

// layout fills the window, and builds anew where the scale changed.
func (s *stage) layout(size fyne.Size) {
	turned := (size.Width < size.Height) != (s.size.Width < s.size.Height)
	s.size = size
	if turned || scaleFor(size) != s.a.look.scale {
		s.build()
	}
	s.fill(size)
}

// build makes the screen and the sheet for the present look.
func (s *stage) build() {
	a := s.a
	accent, err := parseColour(a.settings.Accent)
	if err != nil { // mended on load; a field being typed may be wrong for a moment
		accent, _ = parseColour(defaultAccent)
	}
	a.look = &look{
		pal:    newPalette(a.settings.Theme == "dark", accent),
		fonts:  a.fonts,
		tr:     newTranslator(a.bundle, a.lang),
		scale:  scaleFor(s.size),
		motion: !a.settings.ReduceMotion,
	}
	if th := (shopTheme{base: theme.DefaultTheme(), pal: a.look.pal, fonts: a.fonts, scale: a.look.scale}); th != s.theme {
		s.theme = th // Fyne forgets every text it has measured when it gets one
		a.fyne.Settings().SetTheme(th)
		a.after(fontsRest, a.fonts.rest)
	}
	s.mirror, s.staff = nil, nil
	switch s.screen {
	case screenStaff:
		s.staff = newStaffPage(a, a.look)
		s.content = s.staff.root
	default:
		s.mirror = newMirrorPage(a, a.look)
		s.content = s.mirror.root
	}
	s.sheet = nil
	if s.opener != nil {
		s.sheet = s.opener(a.look)
	}
	s.show()
}

// show puts screen and sheet on the window, whose background is the theme's.
func (s *stage) show() {
	s.root.Objects = []fyne.CanvasObject{s.content}
	if s.pulse != nil {
		s.root.Objects = append(s.root.Objects, s.pulse)
	}
	if s.sheet != nil {
		s.root.Objects = append(s.root.Objects, s.sheet.root)
	}
	s.fill(s.size)
	s.root.Refresh()
}

// fill lets everything fill the window but the pulse.
func (s *stage) fill(size fyne.Size) {
	for _, o := range s.root.Objects {
		if o == s.pulse {
			put(o, rect{0, 0, 1, 1})
			continue
		}
		put(o, rect{0, 0, size.Width, size.Height})
	}
}

// goTo changes the screen.
func (s *stage) goTo(to screen) {
	s.opener = nil
	s.screen = to
	s.build()
}

// open shows a sheet; it is made again by the same function when the look
// changes.
func (s *stage) open(make func(*look) *sheet) {
	s.opener = make
	s.sheet = make(s.a.look)
	s.show()
}

// closeSheet takes the sheet away.
func (s *stage) closeSheet() {
	s.opener, s.sheet = nil, nil
	s.show()
}

// refreshSheet makes the open sheet again, keeping where it was scrolled to.
func (s *stage) refreshSheet() {
	if s.opener == nil {
		return
	}
	at := s.sheet.scrolled()
	s.sheet = s.opener(s.a.look)
	s.show()
	s.sheet.scrollTo(at)
}

func (s *stage) tick() {
	if s.mirror != nil {
		s.mirror.tick()
	}
	if s.staff != nil {
		s.staff.tick()
	}
	if s.sheet != nil && s.sheet.tick != nil {
		s.sheet.tick()
	}
}
