package app

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// healthPage shows the mirror small, how it runs, and what staff should know.
type healthPage struct {
	a      *App
	look   *look
	tiles  []*figure
	source *paragraph
	device *paragraph
}

// healthFigures are the keys of the large numbers.
var healthFigures = [...]string{"fps", "delay", "model", "memory"}

func newHealthPage(p *staffPage) fyne.CanvasObject {
	h := &healthPage{a: p.a, look: p.look}
	l, t := p.look, p.look.tr
	figures := container.New(&gridLayout{least: l.px(210), gap: l.px(18), ratio: 0.5, most: 2})
	for _, k := range healthFigures {
		f := newFigure(l, t.t("health."+k))
		h.tiles = append(h.tiles, f)
		figures.Add(f.box)
	}
	h.source, h.device = l.body("", l.pal.text), l.body("", l.pal.text)
	body := l.column(16, h.overview(figures), l.space(4),
		l.heading(t.t("health.source")), h.source, l.heading(t.t("health.device")), h.device,
		l.space(4), l.heading(t.t("health.notices")))
	if len(p.a.notices) == 0 {
		body.Add(l.body(t.t("health.no_notices"), l.pal.text))
	}
	for _, n := range p.a.notices {
		body.Add(l.body(n, l.pal.warn))
	}
	p.onTick = h.refresh
	h.refresh()
	return l.scrolling(body)
}

// overview sets the running mirror beside the figures, so that these are of a
// mirror that is being painted.
func (h *healthPage) overview(figures fyne.CanvasObject) fyne.CanvasObject {
	l := h.look
	mirror := h.a.mirror.Object()
	c := placed(nil, mirror, figures)
	width := float32(0)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(600), max(width, l.px(600))*0.46*9/16) },
		place: func(s fyne.Size) {
			width = s.Width
			w := s.Width * 0.46
			put(mirror, rect{0, 0, w, w * 9 / 16})
			put(figures, rect{w + l.px(24), 0, s.Width - w - l.px(24), w * 9 / 16})
		},
	}
	return c
}

// refresh shows what the mirror last said of itself.
func (h *healthPage) refresh() {
	t, st := h.look.tr, &h.a.status
	h.tiles[0].set(t.int(int(st.FPS + 0.5)))
	h.tiles[1].set(t.t("unit.ms", args{"ms": st.Delay.Milliseconds()}))
	h.tiles[2].set(facts(st.Device, t.t("unit.ms", args{"ms": fmt.Sprintf("%.1f", float64(st.Model.Microseconds())/1000)})))
	h.tiles[3].set(t.t("unit.mb", args{"mb": t.int(residentMB())}))
	h.source.setText(sourceLine(t, h.a), h.look.pal.text)
	h.device.setText(strings.Join([]string{
		facts(t.t("health.models", args{"device": st.Device}), st.DeviceWhy),
		facts(t.t("health.painter", args{"painter": st.Painter, "size": fmt.Sprintf("%d × %d", st.Drawn.X, st.Drawn.Y)}), st.PainterWhy),
		refineLine(t, st),
		t.t("health.dropped", args{"count": t.int(int(st.Dropped))}),
	}, "\n"), h.look.pal.text)
}

// refineLine says whether what is worn is refined, how long that takes, or why not.
func refineLine(t *translator, st *mirrorStatus) string {
	if st.Refined == "" {
		return facts(t.t("health.unrefined"), st.RefineWhy)
	}
	return facts(t.t("status.refined", args{"size": st.Refined}), t.t("unit.ms", args{"ms": fmt.Sprintf("%.1f", float64(st.Refine.Microseconds())/1000)}))
}

func sourceLine(t *translator, a *App) string {
	s := t.t("source." + a.source.Kind)
	switch a.status.Source {
	case sourceReady:
		return facts(s, t.t("health.ready"))
	case sourceTrouble:
		return facts(s, t.t("trouble."+a.status.Problem+".title"), a.status.Detail)
	}
	return facts(s, t.t("hint.starting"))
}

// residentMB is the memory that the process occupies, as the system counts it.
func residentMB() int {
	if data, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, resident int
		if _, err := fmt.Fscan(strings.NewReader(string(data)), &size, &resident); err == nil {
			return resident * os.Getpagesize() >> 20
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.Sys >> 20)
}

// figure is one large number with what it is.
type figure struct {
	box   *fyne.Container
	value *canvas.Text
}

func newFigure(l *look, name string) *figure {
	back := canvas.NewRectangle(l.pal.raised)
	back.CornerRadius = l.px(20)
	label := l.text(name, textSmall+1, l.pal.quiet)
	f := &figure{value: l.bold("", textTitle+2, l.pal.text)}
	f.box = placed(func(s fyne.Size) {
		put(back, rect{0, 0, s.Width, s.Height})
		put(label, rect{l.px(22), l.px(18), s.Width, l.px(28)})
		put(f.value, rect{l.px(22), s.Height - l.px(70), s.Width, l.px(50)})
	}, back, label, f.value)
	return f
}

func (f *figure) set(s string) {
	if f.value.Text != s {
		f.value.Text = s
		f.value.Refresh()
	}
}
