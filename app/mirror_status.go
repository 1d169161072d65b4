package app

import (
	"fmt"
	"strconv"
	"time"

	"fyne.io/fyne/v2"

	"cheval/tryon/perceive"
	"cheval/viewport"
)

// hintHold is how long a hint must last before it is shown: the mirror should
// not chatter at somebody who walks by.
const hintHold = 900 * time.Millisecond

// hintFor picks what a person is told, and since when it has been so.
type hintFor struct {
	key   string
	since time.Time
}

// settle takes what the mirror would say now and answers what to show.
func (h *hintFor) settle(key string, now time.Time) string {
	if key != h.key {
		h.key, h.since = key, now
	}
	if key == "" || now.Sub(h.since) < hintHold {
		return ""
	}
	return key
}

// hintKey is what a status would have a person do.
func hintKey(s *mirrorStatus) string {
	switch {
	case s.Source == sourceStarting:
		return "starting"
	case s.Source != sourceReady:
		return ""
	case len(s.Faces) == 0:
		return "none"
	case len(s.Hints) > 0:
		return string(s.Hints[0])
	}
	return ""
}

func hintIcon(key string) string {
	switch perceive.Hint(key) {
	case perceive.HintCloser:
		return "closer"
	case perceive.HintBack:
		return "back"
	case perceive.HintLight:
		return "sun"
	case perceive.HintHoldStill:
		return "still"
	}
	return "face"
}

// refreshStatus shows what the mirror last said of itself.
func (p *mirrorPage) refreshStatus() {
	a, tr := p.a, p.look.tr
	st := &a.status
	p.status.set(statusLine(tr, st), statusNote(tr, st))
	p.showHint()
	p.trouble.show(st)
	p.people.refresh()
	if was := a.guard.covered; a.guard.settle(p.cardCoversFace(), a.now()) != was {
		p.showPanels()
	}
	if x := a.shopper.active(); x != nil {
		p.card.set(p.factsOf(x))
	}
}

// cardCoversFace says whether the active face stands behind the card's place.
func (p *mirrorPage) cardCoversFace() bool {
	f := p.a.status.Faces
	return len(f) > 0 && p.a.view.Mode != viewport.SideBySide && f[0].Box.scaled(p.size).overlaps(p.at.card)
}

func (p *mirrorPage) showHint() {
	a := p.a
	key := a.hint.settle(hintKey(&a.status), a.now())
	if p.note.Visible() || p.undo.Visible() || p.caption.Visible() || a.leaving > 0 || a.tour != nil {
		key = ""
	}
	if key == "" {
		p.hint.say("", "")
		return
	}
	p.hint.say(hintIcon(key), p.look.tr.t("hint."+key))
}

// statusLine is the small print: frame rate, delay, device and its time.
func statusLine(tr *translator, st *mirrorStatus) string {
	if st.Source != sourceReady || st.FPS == 0 {
		return ""
	}
	return facts(
		tr.t("status.fps", args{"fps": tr.int(int(st.FPS + 0.5))}),
		tr.t("unit.ms", args{"ms": strconv.FormatInt(st.Delay.Milliseconds(), 10)}),
		st.Device+" "+tr.t("unit.ms", args{"ms": fmt.Sprintf("%.1f", float64(st.Model.Microseconds())/1000)}))
}

// statusNote says what the machine's speed has made of the picture.
func statusNote(tr *translator, st *mirrorStatus) string {
	var note []string
	switch {
	case st.Refined != "":
		note = append(note, tr.t("status.refined", args{"size": st.Refined}))
	case st.RefineWhy != "" && !st.NoRefiner:
		note = append(note, tr.t("status.unrefined"))
	}
	if st.Reduced {
		note = append(note, tr.t("status.reduced"))
	}
	return facts(note...)
}

// say shows a note for a moment.
func (p *mirrorPage) say(icon, text string) {
	p.hint.say("", "")
	p.note.say(icon, text)
	p.a.after(2500*time.Millisecond, func() { p.note.say("", "") })
}

// offer shows a button for a while that takes back what was just done.
func (p *mirrorPage) offer(text string, undo func()) {
	p.hint.say("", "")
	p.note.say("", "")
	p.undo.set("undo", facts(text, p.look.tr.t("action.undo")), false)
	p.undo.tapped = func() {
		p.undo.Hide()
		undo()
		p.a.touched()
	}
	p.undo.Show()
	p.placeUndo()
	p.a.after(undoOffer, func() { p.undo.Hide() })
}

// undoOffer is how long a deed can be taken back.
const undoOffer = 6 * time.Second

// say and offerUndo show a note or an undo on the mirror, if it is shown.
func (a *App) say(icon, text string) {
	if p := a.stage.mirror; p != nil {
		p.say(icon, text)
	}
}

func (a *App) offerUndo(text string, undo func()) {
	if p := a.stage.mirror; p != nil {
		p.offer(text, undo)
	}
}

// problems are the keys of what can be wrong with a source.
var problems = [...]string{"busy", "unplugged", "silent", "failed", "ended", "models"}

// zoomSteps are what the zoom button goes round.
var zoomSteps = [...]float32{1, 1.5, 2.2}

func (p *mirrorPage) cycleZoom() {
	a := p.a
	next := zoomSteps[0]
	for _, z := range zoomSteps {
		if z > a.view.Zoom+0.01 {
			next = z
			break
		}
	}
	a.zoomTo(next)
}

// wireSurface says what touches on the bare mirror do.
func (p *mirrorPage) wireSurface() {
	a, s := p.a, p.surface
	s.onAny = a.touched
	s.onSwipe = a.step
	s.onDrag = func(x, dx, dy float32) bool {
		switch {
		case a.view.Mode == viewport.Wipe:
			a.wipeTo(x / p.size.Width)
		case a.view.Zoom > 1:
			a.pan(dx/p.size.Width, dy/p.size.Height)
		default:
			return false
		}
		return true
	}
	s.onTap = p.tapMirror
	s.onDouble = func(fyne.Position) { p.cycleZoom() }
	s.onZoom = func(steps float32, _ fyne.Position) { a.zoomTo(a.view.Zoom * (1 + 0.12*steps)) }
}

// tapMirror chooses the face that was touched, or the half in a comparison.
func (p *mirrorPage) tapMirror(at fyne.Position) {
	a := p.a
	if a.view.Mode == viewport.SideBySide {
		side := 0
		if at.X > p.size.Width/2 {
			side = 1
		}
		a.chooseSide(side)
		return
	}
	for _, f := range a.status.Faces {
		if f.Box.scaled(p.size).contains(at) {
			a.chooseFace(f.ID)
			return
		}
	}
}
