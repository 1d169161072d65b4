package app

import (
	"context"
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cheval/camera"
)

// accents are the colours that go with the app's; any other can be typed.
var accents = [...]string{defaultAccent, "#C8553D", "#B5838D", "#7FA38A", "#6C9BC9", "#8E86C9", "#E0E0E0"}

// settingsPage changes the shop's choices; each takes effect and is saved at
// once.
type settingsPage struct {
	p    *staffPage
	a    *App
	look *look
	root *container.Scroll
}

func newSettingsPage(p *staffPage) *settingsPage {
	s := &settingsPage{p: p, a: p.a, look: p.look}
	groups := container.New(&columns{least: p.look.px(620), gap: p.look.px(24)},
		s.shop(), s.source(), s.speech(), s.voice(), s.studio(), s.machine())
	s.root = p.look.scrolling(groups)
	return s
}

// change alters the settings, saves them and shows the page anew.
func (s *settingsPage) change(f func(*Settings)) {
	s.p.touched()
	at := s.root.Offset
	f(&s.a.settings)
	s.a.applySettings()
	if p := s.a.stage.staff; p != nil {
		if page, ok := p.content.Objects[0].(*container.Scroll); ok {
			page.Offset = at
			page.Refresh()
		}
	}
}

func (s *settingsPage) group(title string, rows ...fyne.CanvasObject) fyne.CanvasObject {
	return s.look.group(title, rows...)
}

// group is a panel of rows under a title.
func (l *look) group(title string, rows ...fyne.CanvasObject) fyne.CanvasObject {
	back := canvas.NewRectangle(l.pal.raised)
	back.CornerRadius = l.px(24)
	body := l.column(18, append([]fyne.CanvasObject{l.bold(title, textLarge, l.pal.text)}, rows...)...)
	pad := l.px(28)
	c := placed(nil, back, body)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return body.MinSize().Add(fyne.NewSquareSize(2 * pad)) },
		place: func(z fyne.Size) {
			put(back, rect{0, 0, z.Width, z.Height})
			body.Resize(fyne.NewSize(z.Width-2*pad, 1))
			put(body, rect{pad, pad, z.Width - 2*pad, z.Height - 2*pad})
		},
	}
	return c
}

// field is a label over its control.
func (s *settingsPage) field(key string, control fyne.CanvasObject) fyne.CanvasObject {
	return s.look.column(6, s.look.text(s.look.tr.t("settings."+key), textSmall+1, s.look.pal.quiet), control)
}

// entry is a line of text that is saved when it is left or entered.
func (s *settingsPage) entry(value string, set func(*Settings, string)) fyne.CanvasObject {
	e := newSettingEntry(value, func(v string) {
		if v != value {
			value = v
			s.change(func(x *Settings) { set(x, v) })
		}
	})
	return e
}

// choice is a row of pills of which one is on.
func choice[T comparable](s *settingsPage, values []T, now T, label func(T) string, set func(*Settings, T)) fyne.CanvasObject {
	var chips []fyne.CanvasObject
	for _, v := range values {
		b := newPill(s.look, "", label(v), pillPlain, func() { s.change(func(x *Settings) { set(x, v) }) }).small()
		b.on = v == now
		chips = append(chips, b)
	}
	return s.look.chips(chips...)
}

// onOff is a pill that is lit while a setting is on.
func (s *settingsPage) onOff(key string, on bool, set func(*Settings, bool)) fyne.CanvasObject {
	icon := ""
	if on {
		icon = "check"
	}
	b := newPill(s.look, icon, s.look.tr.t("settings."+key), pillPlain, func() { s.change(func(x *Settings) { set(x, !on) }) }).small()
	b.on = on
	return b
}

func (s *settingsPage) shop() fyne.CanvasObject {
	x, t := s.a.settings, s.look.tr
	logo := newPill(s.look, "photo", t.t("settings.logo_choose"), pillPlain, s.chooseLogo).small()
	none := newPill(s.look, "trash", t.t("settings.logo_none"), pillPlain, func() { s.change(func(x *Settings) { x.Logo = "" }) }).small()
	none.setDisabled(x.Logo == "")
	var dots []fyne.CanvasObject
	for _, c := range accents {
		colour, _ := parseColour(c) // they are constants
		dots = append(dots, newAccentDot(s.look, colour, c == x.Accent, func() { s.change(func(x *Settings) { x.Accent = c }) }))
	}
	return s.group(t.t("settings.shop"),
		s.field("name", s.entry(x.ShopName, func(x *Settings, v string) { x.ShopName = v })),
		s.field("subtitle", s.entry(x.Subtitle, func(x *Settings, v string) { x.Subtitle = v })),
		s.field("logo", s.look.chips(logo, none)),
		s.field("accent", s.look.chips(dots...)),
		s.field("accent_other", s.entry(x.Accent, func(x *Settings, v string) {
			if _, err := parseColour(v); err == nil {
				x.Accent = v
			}
		})),
		s.field("theme", choice(s, themes[:], x.Theme, func(v string) string { return t.t("settings.theme_" + v) },
			func(x *Settings, v string) { x.Theme = v })))
}

// speech is the language and what prices are in.
func (s *settingsPage) speech() fyne.CanvasObject {
	x, t := s.a.settings, s.look.tr
	names := map[string]string{"en": "English", "zh": "中文"}
	rows := []fyne.CanvasObject{
		s.field("language", choice(s, languages[:], x.Language, func(v string) string { return names[v] },
			func(x *Settings, v string) { x.Language = v; s.a.lang = v })),
		s.field("currency", choice(s, currencies[:], x.Currency, func(v string) string { return v },
			func(x *Settings, v string) {
				x.Currency = v
				if v == s.catalogueCurrency() {
					x.Rate = 1
				}
			})),
	}
	if c := s.catalogueCurrency(); c != x.Currency {
		rows = append(rows, s.look.column(6, s.look.text(t.t("settings.rate", args{"from": c, "to": x.Currency}), textSmall+1, s.look.pal.quiet),
			s.entry(strconv.FormatFloat(x.Rate, 'g', -1, 64), func(x *Settings, v string) {
				if r, err := strconv.ParseFloat(v, 64); err == nil && r > 0 && r < 1e6 {
					x.Rate = r
				}
			})))
	}
	return s.group(t.t("settings.speech"), rows...)
}

func (s *settingsPage) catalogueCurrency() string {
	if len(s.a.shopper.all) == 0 {
		return s.a.settings.Currency
	}
	return s.a.shopper.all[0].Variants[0].Price.Currency
}

func (s *settingsPage) source() fyne.CanvasObject {
	x, t := s.a.settings, s.look.tr
	rows := []fyne.CanvasObject{s.field("source", choice(s, sourceKinds[:], x.Source.Kind,
		func(v string) string { return t.t("source." + v) }, func(x *Settings, v string) { x.Source.Kind = v }))}
	switch x.Source.Kind {
	case sourceCamera:
		rows = append(rows, s.camera()...)
	case sourceVideo, sourcePhoto:
		pick := newPill(s.look, "save", t.t("settings.file_choose"), pillPlain, s.chooseFile).small()
		path := s.look.body(x.Source.Path, s.look.pal.text)
		rows = append(rows, s.field("file", s.look.column(8, s.look.chips(pick), path)))
	case sourceStream:
		rows = append(rows, s.field("url", s.entry(x.Source.URL, func(x *Settings, v string) { x.Source.URL = v })))
	}
	return s.group(t.t("settings.mirror"), append(rows,
		s.look.chips(
			s.onOff("flip", x.Source.Mirror, func(x *Settings, on bool) { x.Source.Mirror = on }),
			s.onOff("second_display", x.SecondDisplay, func(x *Settings, on bool) { x.SecondDisplay = on })))...)
}

// camera chooses one by its name; the list is read away from the UI goroutine.
func (s *settingsPage) camera() []fyne.CanvasObject {
	x, t := s.a.settings, s.look.tr
	box := container.NewStack(s.look.text(t.t("settings.camera_looking"), textBody, s.look.pal.quiet))
	var found []camera.Device
	s.a.inBackground(func(context.Context) (err error) {
		found, err = s.a.parts.cameras()
		return err
	}, func(err error) {
		switch {
		case err != nil:
			box.Objects = []fyne.CanvasObject{s.look.body(err.Error(), s.look.pal.warn)}
		case len(found) == 0:
			box.Objects = []fyne.CanvasObject{s.look.body(t.t("settings.camera_none"), s.look.pal.text)}
		default:
			box.Objects = []fyne.CanvasObject{s.cameraChoice(found)}
		}
		s.root.Content.Refresh()
	})
	return []fyne.CanvasObject{
		s.field("camera", box),
		s.field("resolution", choice(s, resolutions[:], [2]int{x.Source.Width, x.Source.Height},
			func(v [2]int) string { return fmt.Sprintf("%d × %d", v[0], v[1]) },
			func(x *Settings, v [2]int) { x.Source.Width, x.Source.Height = v[0], v[1] })),
		s.field("rotation", choice(s, rotations[:], x.Source.Rotation, func(v int) string { return fmt.Sprintf("%d°", v) },
			func(x *Settings, v int) { x.Source.Rotation = v })),
	}
}

func (s *settingsPage) cameraChoice(found []camera.Device) fyne.CanvasObject {
	labels := map[string]string{}
	var ids []string
	for _, d := range found {
		ids = append(ids, d.ID)
		labels[d.ID] = d.Label
	}
	now := s.a.settings.Source.Camera
	if now == "" {
		now = ids[0]
	}
	return choice(s, ids, now, func(v string) string { return labels[v] },
		func(x *Settings, v string) { x.Source.Camera = v })
}

func (s *settingsPage) machine() fyne.CanvasObject {
	x, t := s.a.settings, s.look.tr
	change := newPill(s.look, "lock", t.t("settings.pin_change"), pillPlain, func() {
		s.p.touched()
		s.a.askPIN(true, func() { s.a.say("check", t.t("pin.changed")) })
	}).small()
	return s.group(t.t("settings.machine"),
		s.field("device", choice(s, devices[:], x.Device, func(v string) string { return t.t("device." + v) },
			func(x *Settings, v string) { x.Device = v })),
		s.look.body(t.t("settings.device_note"), s.look.pal.quiet),
		s.look.chips(
			s.onOff("reduce_motion", x.ReduceMotion, func(x *Settings, on bool) { x.ReduceMotion = on }),
			s.onOff("fullscreen", x.Fullscreen, func(x *Settings, on bool) { x.Fullscreen = on })),
		s.field("refining", s.refining()),
		s.field("pin", s.look.chips(change)))
}

// refining switches the refiner, and says so where there is none or it failed.
func (s *settingsPage) refining() fyne.CanvasObject {
	x, st := s.a.settings, &s.a.status
	chips := s.look.chips(
		s.onOff("refine", x.Refine, func(x *Settings, on bool) { x.Refine = on }),
		s.onOff("refine_before", x.RefineBefore, func(x *Settings, on bool) { x.RefineBefore = on }))
	switch {
	case st.NoRefiner:
		return s.look.column(8, chips, s.look.body(s.look.tr.t("settings.refine_none"), s.look.pal.quiet))
	case st.RefineWhy != "":
		return s.look.column(8, chips, s.look.body(st.RefineWhy, s.look.pal.warn))
	}
	return chips
}

// studio says from where photos come without a hand.
func (s *settingsPage) studio() fyne.CanvasObject {
	x, t := s.a.settings, s.look.tr
	pick := newPill(s.look, "photo", t.t("settings.watch_choose"), pillPlain, s.chooseWatched).small()
	none := newPill(s.look, "stop", t.t("settings.watch_stop"), pillPlain, func() { s.change(func(x *Settings) { x.Studio.Watch = "" }) }).small()
	none.setDisabled(x.Studio.Watch == "")
	path := t.t("settings.watch_none")
	if x.Studio.Watch != "" {
		path = x.Studio.Watch
	}
	return s.group(t.t("settings.studio"),
		s.field("watch", s.look.column(8, s.look.body(path, s.look.pal.text), s.look.chips(pick, none))),
		s.look.body(t.t("settings.watch_note"), s.look.pal.quiet))
}

func (s *settingsPage) chooseWatched() {
	s.p.touched()
	s.a.chooseFolder(func(path string) { s.change(func(x *Settings) { x.Studio.Watch = path }) })
}

func (s *settingsPage) chooseLogo() {
	s.chooseOf([]string{".png", ".jpg", ".jpeg"}, func(path string) {
		if _, err := readLogo(path); err != nil {
			dialog.ShowError(err, s.a.win)
			return
		}
		s.change(func(x *Settings) { x.Logo = path })
	})
}

func (s *settingsPage) chooseFile() {
	ext := []string{".mp4", ".mov", ".avi", ".mkv", ".webm"}
	if s.a.settings.Source.Kind == sourcePhoto {
		ext = []string{".png", ".jpg", ".jpeg"}
	}
	s.chooseOf(ext, func(path string) { s.change(func(x *Settings) { x.Source.Path = path }) })
}

func (s *settingsPage) chooseOf(ext []string, then func(string)) {
	s.p.touched()
	s.a.chooseFile(ext, then)
}

// settingEntry is a line of text that reports when it is left or entered.
type settingEntry struct {
	widget.Entry
	left func(string)
}

func newSettingEntry(value string, left func(string)) *settingEntry {
	e := &settingEntry{left: left}
	e.ExtendBaseWidget(e)
	e.Text = value
	e.OnSubmitted = left
	return e
}

func (e *settingEntry) FocusLost() {
	e.Entry.FocusLost()
	e.left(e.Text)
}

// accentDot is one of the colours that a shop can take.
type accentDot struct {
	swatch
}

func newAccentDot(l *look, c any, selected bool, tapped func()) *accentDot {
	d := &accentDot{swatch{look: l, left: toNRGBA(c), right: toNRGBA(c), selected: selected, tapped: tapped}}
	d.ExtendBaseWidget(d)
	return d
}

var _ desktop.Cursorable = (*accentDot)(nil)

// columns lays panels in as many columns as fit, each panel under the shortest.
type columns struct {
	least, gap float32
	width      float32
}

func (c *columns) each(objects []fyne.CanvasObject, w float32, do func(fyne.CanvasObject, rect)) float32 {
	n := min(max(1, int((w+c.gap)/(c.least+c.gap))), len(objects))
	cw := (w - float32(n-1)*c.gap) / float32(n)
	ends := make([]float32, n)
	for _, o := range objects {
		k := 0
		for i := range ends {
			if ends[i] < ends[k] {
				k = i
			}
		}
		o.Resize(fyne.NewSize(cw, o.Size().Height))
		h := o.MinSize().Height
		do(o, rect{float32(k) * (cw + c.gap), ends[k], cw, h})
		ends[k] += h + c.gap
	}
	most := float32(0)
	for _, e := range ends {
		most = max(most, e)
	}
	return most
}

func (c *columns) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	c.width = s.Width
	c.each(objects, s.Width, func(o fyne.CanvasObject, r rect) { put(o, r) })
}

func (c *columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := max(c.width, c.least)
	return fyne.NewSize(c.least, c.each(objects, w, func(fyne.CanvasObject, rect) {}))
}
