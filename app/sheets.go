package app

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cheval/catalog"
)

// column stacks objects for a sheet.
func (l *look) column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(stackGap{l.px(gap)}, objects...)
}

// chips lays objects in rows that wrap.
func (l *look) chips(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flow{gap: l.px(12), width: l.px(540)}, objects...)
}

func (l *look) heading(s string) fyne.CanvasObject { return l.bold(s, textBody, l.pal.quiet) }

// body is running text on a sheet.
func (l *look) body(s string, c color.Color) *paragraph {
	return newParagraph(l, s, textBody, c)
}

// openPrivacy says what is kept and what is not.
func (a *App) openPrivacy() {
	a.touched()
	a.stage.open(func(l *look) *sheet {
		t := l.tr
		var rows []fyne.CanvasObject
		for _, k := range []string{"camera", "session", "photo", "counts", "network"} {
			rows = append(rows, l.bold(t.t("privacy."+k+".title"), textBody, l.pal.text), l.body(t.t("privacy."+k+".text"), l.pal.quiet), l.space(8))
		}
		done := newPill(l, "done", t.t("session.end_now"), pillPlain, func() {
			a.stage.closeSheet()
			a.endSession()
		})
		return newSheet(l, t.t("privacy.title"), l.column(6, rows...), done, a.stage.closeSheet)
	})
}

// space is an empty stretch.
func (l *look) space(h float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(1, l.px(h)))
	return r
}

// openLikes shows what the visit liked.
func (a *App) openLikes() {
	a.touched()
	if len(a.shopper.liked) == 0 {
		return
	}
	a.stage.open(func(l *look) *sheet {
		grid := container.New(&gridLayout{least: l.px(220), gap: l.px(18), ratio: 1.0, extra: l.px(10)})
		for _, id := range a.shopper.liked {
			if p := a.shopper.stock.Product(id); p != nil {
				grid.Add(a.productTile(l, p, func() {
					a.wear(p)
					a.stage.closeSheet()
				}))
			}
		}
		clear := newPill(l, "trash", l.tr.t("likes.clear"), pillPlain, func() {
			kept := a.shopper.liked
			a.shopper.liked = nil
			a.stage.closeSheet()
			a.stage.refreshMirror()
			a.offerUndo(l.tr.t("likes.cleared"), func() { a.shopper.liked = kept })
		})
		return newSheet(l, l.tr.t("likes.title"), grid, clear, a.stage.closeSheet).clear()
	})
}

// productTile is a tile that stands alone, outside the rail.
func (a *App) productTile(l *look, p *catalog.Product, tapped func()) *tile {
	v := a.shopper.variantOf(p)
	t := newTile(l)
	t.name, t.price = l.tr.of(p.Name), a.price(p.Variants[v].Price)
	t.selected, t.liked = p == a.shopper.active(), a.shopper.likes(p)
	t.tapped = tapped
	size := image.Pt(int(l.px(190)*a.pixelScale()), int(l.px(120)*a.pixelScale()))
	t.picture = a.pictures.get(p, v, size, func() {
		t.picture = a.pictures.get(p, v, size, func() {})
		t.Refresh()
	})
	return t
}

// gridLayout lays equal cells in rows: as many as fit at a least width.
type gridLayout struct {
	least, gap float32
	ratio      float32 // height by width
	extra      float32 // room around for rings
	most       int     // cells in a row; 0: as many as fit
	width      float32
}

func (g *gridLayout) cell(w float32) (n int, cw, ch float32) {
	w -= 2 * g.extra
	n = max(1, int((w+g.gap)/(g.least+g.gap)))
	if g.most > 0 {
		n = min(n, g.most)
	}
	cw = (w - float32(n-1)*g.gap) / float32(n)
	return n, cw, cw * g.ratio
}

func (g *gridLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	g.width = s.Width
	n, cw, ch := g.cell(s.Width)
	for i, o := range objects {
		put(o, rect{g.extra + float32(i%n)*(cw+g.gap), g.extra + float32(i/n)*(ch+g.gap), cw, ch})
	}
}

func (g *gridLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := max(g.width, g.least+2*g.extra)
	n, _, ch := g.cell(w)
	rows := (len(objects) + n - 1) / n
	return fyne.NewSize(g.least+2*g.extra, float32(rows)*(ch+g.gap)-g.gap+2*g.extra)
}
