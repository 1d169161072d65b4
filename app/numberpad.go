package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// numberPad is a pad of ten digits, "<" to take the last back and ">" to enter.
func (l *look) numberPad(press func(key string)) fyne.CanvasObject {
	width := 3*l.tap(110) + 2*l.px(14)
	pad := container.New(&gridLayout{least: l.tap(96), gap: l.px(14), ratio: 0.62, most: 3, width: width})
	for _, k := range strings.Split("123456789<0>", "") {
		pad.Add(l.padKey(k, func() { press(k) }))
	}
	return l.centred(pad, width)
}

func (l *look) padKey(k string, pressed func()) *pill {
	switch k {
	case "<":
		return newPill(l, "backspace", "", pillPlain, pressed)
	case ">":
		return newPill(l, "check", "", pillAccent, pressed)
	}
	b := newPill(l, "", k, pillPlain, pressed)
	b.size = textLarge
	return b
}

// centred gives an object a width of its own in the middle.
func (l *look) centred(o fyne.CanvasObject, w float32) fyne.CanvasObject {
	c := placed(nil, o)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(w, o.MinSize().Height) },
		place: func(s fyne.Size) { put(o, rect{(s.Width - w) / 2, 0, w, s.Height}) },
	}
	return c
}
