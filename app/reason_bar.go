package app

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cheval/recommender"
)

// reasonBar is one reason: its words, its share of the score as a bar, and the
// figure. What a network said is marked as approximate.
func (a *App) reasonBar(l *look, r recommender.Reason, most float64) fyne.CanvasObject {
	words := a.reasonText(r)
	if r.Approximate {
		words = "≈ " + words
	}
	name := l.text(words, textBody, l.pal.text)
	number := l.text(fmt.Sprintf("%+.2f", r.Weight), textSmall+1, l.pal.quiet)
	number.Alignment = fyne.TextAlignTrailing
	bar := canvas.NewRectangle(l.pal.accent)
	if r.Weight < 0 {
		bar.FillColor = l.pal.bad
	}
	bar.CornerRadius = l.px(4)
	c := placed(nil, name, number, bar)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(360), l.px(48)) },
		place: func(s fyne.Size) {
			w := l.px(86)
			name.Text = elide(words, s.Width-w, measureLike(name))
			put(name, rect{0, 0, s.Width - w, l.px(30)})
			put(number, rect{s.Width - w, 0, w, l.px(30)})
			share := float32(0)
			if most > 0 {
				share = float32(max(r.Weight, -r.Weight) / most)
			}
			put(bar, rect{0, l.px(34), max(s.Width*share, l.px(4)), l.px(8)})
		},
	}
	return c
}
