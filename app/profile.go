package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"cheval/recommender"
	"cheval/recommender/people"
	"cheval/voice/teach"
)

// The profile: made by choice, seen and erased by its owner. It is found again
// by its code alone.

// openProfile shows what is remembered of the person, or how they may be.
func (a *App) openProfile() {
	a.touched()
	a.stage.open(a.profileSheet)
}

func (a *App) profileSheet(l *look) *sheet {
	if p := a.visit.Profile(); p != nil {
		return a.ownProfile(l, p)
	}
	t := l.tr
	body := l.column(14, l.body(t.t("profile.offer"), l.pal.text), l.space(4))
	for _, k := range []string{"what", "where", "erase"} {
		body.Add(l.body("· "+t.t("profile."+k), l.pal.quiet))
	}
	body.Add(l.space(6))
	withFit := newPill(l, "ruler", t.t("profile.keep_fit"), pillPlain, func() {
		a.keepFit = !a.keepFit
		a.stage.refreshSheet()
	}).small()
	withFit.on = a.keepFit
	r := a.status.Fit
	withFit.setDisabled(r == nil || !r.Known)
	body.Add(l.chips(withFit))
	if !a.visit.Kept() {
		body.Add(l.body(t.t("profile.closed"), l.pal.warn))
	}
	code := newPill(l, "lock", t.t("profile.have_code"), pillPlain, a.openCode)
	yes := newPill(l, "check", t.t("profile.remember"), pillAccent, a.remember)
	code.setDisabled(!a.visit.Kept())
	yes.setDisabled(!a.visit.Kept())
	return newSheet(l, t.t("profile.title"), body, placedRow(l, code, yes), a.stage.closeSheet)
}

// remember makes a profile of the visit.
func (a *App) remember() {
	a.touched()
	p := recommender.Profile{ID: people.NewID(), Language: a.lang}
	if r := a.status.Fit; a.keepFit && r != nil && r.Known {
		p.Fit = recommender.Fit{Width: widthClass(r.FaceWidthmm), FaceMM: float64(r.FaceWidthmm), PDMM: float64(a.status.Measure.PDmm), Measure: a.now()}
	}
	if err := a.visit.Remember(p); err != nil {
		a.notice(err)
		a.say("warning", a.look.tr.t("profile.failed"))
		return
	}
	a.stage.refreshSheet()
	a.stage.refreshMirror()
}

// ownProfile shows a person all that is kept of them.
func (a *App) ownProfile(l *look, p *recommender.Profile) *sheet {
	t := l.tr
	code := l.bold(p.ID, textHuge, l.pal.accentText)
	code.Alignment = fyne.TextAlignCenter
	body := l.column(12, l.body(t.t("profile.code"), l.pal.text), code, l.space(4), l.heading(t.t("profile.kept")))
	kinds := map[recommender.EventKind]int{}
	for _, e := range a.visit.Person().Events {
		kinds[e.Kind]++
	}
	for _, k := range recommender.EventKinds() {
		if kinds[k] > 0 {
			body.Add(l.text(facts(t.t("event."+string(k)), t.int(kinds[k])), textBody, l.pal.text))
		}
	}
	if p.Fit.Width != "" {
		body.Add(l.text(facts(t.t("profile.width."+string(p.Fit.Width)), t.t("card.pd", args{"mm": t.mm(float32(p.Fit.PDMM))})), textBody, l.pal.text))
	}
	body.Add(l.space(6))
	body.Add(l.body(t.t("profile.forever"), l.pal.quiet))
	erase := newPill(l, "trash", t.t("profile.erase_me"), pillDanger, a.confirmErase)
	return newSheet(l, t.t("profile.yours"), body, erase, a.stage.closeSheet)
}

// confirmErase asks once; there is no undo.
func (a *App) confirmErase() {
	a.touched()
	a.stage.open(func(l *look) *sheet {
		t := l.tr
		body := l.column(14, l.body(t.t("profile.erase_text"), l.pal.text))
		stay := newPill(l, "back", t.t("profile.keep"), pillPlain, a.openProfile)
		erase := newPill(l, "trash", t.t("profile.erase_now"), pillDanger, a.eraseProfile)
		return newSheet(l, t.t("profile.erase_me"), body, placedRow(l, stay, erase), a.openProfile)
	})
}

// eraseProfile erases the person; their visit goes on as nobody's.
func (a *App) eraseProfile() {
	a.touched()
	a.wearing = wearing{}
	v := a.visit
	a.visit = people.NewVisit(a.people)
	a.visit.Basket = v.Basket
	a.talk.corrected = nil
	a.stage.closeSheet()
	a.say("info", a.look.tr.t("profile.erasing"))
	id, home, voice := v.Profile().ID, a.opts.Home, a.voiceHome()
	a.inBackground(func(ctx context.Context) error {
		return errors.Join(v.EraseProfile(), teach.Erase(ctx, voice, func(owner string) bool { return owner == id }), dropTrained(home))
	}, func(err error) {
		a.stage.refreshMirror()
		a.relearn() // the talker may know their sentences
		if err != nil {
			a.notice(err)
			a.say("warning", a.look.tr.t("profile.erase_later"))
			return
		}
		a.makeRanker() // without what was learned of them
		a.say("check", a.look.tr.t("profile.erased"))
	})
}

// dropTrained drops the model that learned from a person, and a training that
// was broken off: popularity and likeness serve until the next training.
func dropTrained(home string) error {
	var errs []error
	for _, name := range []string{recommender.FileName, recommender.FileName + ".part"} {
		if err := os.Remove(filepath.Join(home, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// codeTries are how many wrong codes are taken before one has to wait.
const (
	codeTries = 5
	codeWait  = time.Minute
	codeLen   = 9
)

// codeGuard slows down who tries codes: it counts wrong ones over all visits.
type codeGuard struct {
	wrong int
	until time.Time
}

// codePad takes the digits of a code.
type codePad struct {
	digits  string
	message string
}

func (a *App) openCode() {
	a.touched()
	p := &codePad{}
	a.stage.open(func(l *look) *sheet { return a.codeSheet(l, p) })
}

func (a *App) codeSheet(l *look, p *codePad) *sheet {
	t := l.tr
	shown := l.bold(spaced(p.digits), textHuge, l.pal.text)
	shown.Alignment = fyne.TextAlignCenter
	line := l.body(p.message, l.pal.bad)
	line.align = fyne.TextAlignCenter
	press := func(k string) {
		a.touched()
		p.message = ""
		switch {
		case k == "<" && p.digits != "":
			p.digits = p.digits[:len(p.digits)-1]
		case k == ">":
			a.signIn(p)
		case len(k) == 1 && k[0] >= '0' && k[0] <= '9' && len(p.digits) < codeLen:
			p.digits += k
		}
		if a.stage.opener != nil {
			a.stage.refreshSheet()
		}
	}
	body := l.column(14, l.body(t.t("profile.enter_code"), l.pal.text), shown, line, l.numberPad(press))
	s := newSheet(l, t.t("profile.have_code"), body, nil, a.openProfile)
	s.typed = func(k fyne.KeyName) {
		switch k {
		case fyne.KeyBackspace:
			press("<")
		case fyne.KeyReturn, fyne.KeyEnter:
			press(">")
		default:
			press(string(k))
		}
	}
	return s
}

// spaced writes a code as it is told: in threes.
func spaced(d string) string {
	full := d + strings.Repeat("·", codeLen-len([]rune(d)))
	r := []rune(full)
	return fmt.Sprintf("%s-%s-%s", string(r[:3]), string(r[3:6]), string(r[6:]))
}

// signIn goes on with the profile whose code was entered.
func (a *App) signIn(p *codePad) {
	t := a.look.tr
	if wait := a.codes.until.Sub(a.now()); wait > 0 {
		p.message = t.t("pin.wait", args{"n": int((wait + time.Second - 1) / time.Second)})
		return
	}
	if len(p.digits) < codeLen {
		p.message = t.t("profile.code_short")
		return
	}
	err := a.visit.SignIn(spaced(p.digits))
	switch {
	case errors.Is(err, people.ErrNoProfile):
		p.digits, p.message = "", t.t("profile.code_wrong")
		if a.codes.wrong++; a.codes.wrong >= codeTries {
			a.codes = codeGuard{until: a.now().Add(codeWait)}
		}
		return
	case err != nil:
		a.notice(err)
		p.message = t.t("profile.failed")
		return
	}
	a.codes = codeGuard{}
	if lang := a.visit.Profile().Language; lang != "" && lang != a.lang {
		a.lang = lang
		a.stage.build()
	}
	a.openProfile()
	a.stage.refreshMirror()
}
