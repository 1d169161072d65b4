package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// shopTheme gives Fyne's own widgets (entries, choices, sliders) the look of
// the app's. It is immutable: a change of settings or size sets a new one.
type shopTheme struct {
	base  fyne.Theme
	pal   palette
	fonts fonts
	scale float32
}

var _ fyne.Theme = shopTheme{}

func (t shopTheme) Font(s fyne.TextStyle) fyne.Resource {
	switch {
	case s.Symbol || s.Monospace:
		return t.base.Font(s)
	case s.Bold:
		return t.fonts.bold
	}
	return t.fonts.regular
}

func (t shopTheme) Icon(n fyne.ThemeIconName) fyne.Resource { return t.base.Icon(n) }

func (t shopTheme) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	p := t.pal
	switch n {
	case theme.ColorNameBackground:
		return p.ground
	case theme.ColorNameForeground:
		return p.text
	case theme.ColorNamePrimary, theme.ColorNameFocus, theme.ColorNameHyperlink:
		return p.accent
	case theme.ColorNameForegroundOnPrimary:
		return p.onAccent
	case theme.ColorNameInputBackground, theme.ColorNameButton, theme.ColorNameMenuBackground,
		theme.ColorNameOverlayBackground, theme.ColorNameHeaderBackground:
		return p.raised
	case theme.ColorNameInputBorder, theme.ColorNameSeparator:
		return p.line
	case theme.ColorNamePlaceHolder, theme.ColorNameDisabled:
		return p.quiet
	case theme.ColorNameHover:
		return p.hover
	case theme.ColorNamePressed:
		return p.pressed
	case theme.ColorNameSelection:
		return alpha(p.accent, 90)
	case theme.ColorNameScrollBar:
		return alpha(p.quiet, 140)
	case theme.ColorNameScrollBarBackground, theme.ColorNameShadow:
		return color.Transparent
	case theme.ColorNameError:
		return p.bad
	case theme.ColorNameSuccess:
		return p.good
	case theme.ColorNameWarning:
		return p.warn
	}
	v := theme.VariantDark
	if !p.dark {
		v = theme.VariantLight
	}
	return t.base.Color(n, v)
}

func (t shopTheme) Size(n fyne.ThemeSizeName) float32 {
	s := t.scale
	switch n {
	case theme.SizeNameText:
		return 20 * s
	case theme.SizeNameCaptionText:
		return 18 * s
	case theme.SizeNameSubHeadingText:
		return 24 * s
	case theme.SizeNameHeadingText:
		return 32 * s
	case theme.SizeNameInlineIcon:
		return 24 * s
	case theme.SizeNamePadding:
		return 6 * s
	case theme.SizeNameInnerPadding:
		return 12 * s
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 12
	case theme.SizeNameInputBorder:
		return 1
	case theme.SizeNameScrollBar, theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameSeparatorThickness:
		return 1
	}
	return t.base.Size(n)
}
