package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"cheval/models"
	"cheval/voice/answer"
	"cheval/voice/speak"
)

// voice says how the mirror hears and speaks. The terms of a voice stand where
// it is chosen.
func (s *settingsPage) voice() fyne.CanvasObject {
	x, t := s.a.settings, s.look.tr
	names := []string{speak.Espeak}
	if files, err := models.OpenStore(s.a.opts.Home); err == nil {
		names = speak.Voices(files)
	}
	set := func(f func(*VoiceSettings)) func(*Settings) {
		return func(x *Settings) { f(&x.Voice) }
	}
	rows := []fyne.CanvasObject{
		s.look.chips(s.onOff("speak", x.Voice.Speak, func(x *Settings, on bool) { x.Voice.Speak = on })),
		s.field("voice", choice(s, names, x.Voice.Voice, func(v string) string { return v }, func(x *Settings, v string) { x.Voice.Voice = v })),
		s.look.chips(newPill(s.look, "save", t.t("settings.voice_import"), pillPlain, s.importVoice).small()),
		s.look.body(t.t("settings.joe_terms"), s.look.pal.quiet),
		s.look.body(t.t("settings.chinese_voice"), s.look.pal.quiet),
		s.field("listen", choice(s, voiceModes[:], x.Voice.Mode, func(v string) string { return t.t("settings.listen_" + v) }, func(x *Settings, v string) { x.Voice.Mode = v })),
		s.field("volume", s.slider(x.Voice.Volume, 0, 1, func(v float64) { s.change(set(func(y *VoiceSettings) { y.Volume = v })) })),
		s.field("speed", s.slider(x.Voice.Speed, 0.5, 2, func(v float64) { s.change(set(func(y *VoiceSettings) { y.Speed = v })) })),
		s.field("microphone", s.entry(x.Voice.Microphone, func(x *Settings, v string) { x.Voice.Microphone = v })),
	}
	return s.group(t.t("settings.voice_group"), append(rows, s.phraser()...)...)
}

// phraser is the language model that may word answers, and what that means.
func (s *settingsPage) phraser() []fyne.CanvasObject {
	x, t := s.a.settings.Voice.Phraser, s.look.tr
	rows := []fyne.CanvasObject{
		s.look.chips(s.onOff("phraser", x.On, func(y *Settings, on bool) { y.Voice.Phraser.On = on })),
		s.look.body(t.t("settings.phraser_note"), s.look.pal.quiet),
	}
	if !x.On {
		return rows
	}
	if _, err := answer.NewModel(x.Address, x.Model, x.Elsewhere); err != nil {
		why := "settings.phraser_address_wrong"
		if errors.Is(err, answer.ErrNotHere) {
			why = "settings.phraser_not_here"
		}
		rows = append(rows, s.look.body(t.t(why), s.look.pal.warn))
	}
	return append(rows,
		s.field("phraser_address", s.entry(x.Address, func(y *Settings, v string) { y.Voice.Phraser.Address = v })),
		s.field("phraser_model", s.entry(x.Model, func(y *Settings, v string) { y.Voice.Phraser.Model = v })),
		s.look.chips(s.onOff("phraser_elsewhere", x.Elsewhere, func(y *Settings, on bool) { y.Voice.Phraser.Elsewhere = on })),
		s.look.body(t.t("settings.phraser_leaves"), s.look.pal.quiet))
}

// importVoice takes a Piper voice and has it speak.
func (s *settingsPage) importVoice() {
	a := s.a
	s.chooseOf([]string{".onnx"}, func(path string) {
		name, home := "", a.opts.Home
		a.inBackground(func(context.Context) error {
			files, err := models.OpenStore(home)
			if err != nil {
				return err
			}
			name, err = speak.Import(files, path)
			return err
		}, func(err error) {
			if err != nil {
				dialog.ShowError(err, a.win)
				return
			}
			s.change(func(x *Settings) { x.Voice.Voice = name })
		})
	})
}

func (s *settingsPage) slider(now, least, most float64, set func(float64)) fyne.CanvasObject {
	w := widget.NewSlider(least, most)
	w.Step, w.Value = (most-least)/20, now
	w.OnChangeEnded = set
	return w
}
