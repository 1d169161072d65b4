package app

import (
	"time"

	"cheval/viewport"
)

// onStatus takes what the mirror says of itself.
func (a *App) onStatus(s mirrorStatus) {
	a.status = s
	if s.Source != sourceStarting {
		a.pictures.release()
	}
	if len(s.Faces) > 0 {
		a.session.face(a.now())
		a.followHead(s.Faces[0].Yaw)
	}
	if a.stage.mirror != nil {
		a.stage.mirror.refreshStatus()
	}
}

// watchSession ends the visit when nobody has been there for a minute.
func (a *App) watchSession(now time.Time) {
	phase, left := a.session.tick(now)
	a.leaving = 0
	switch phase {
	case sessionLeaving:
		a.leaving = left
	case sessionEnded:
		a.forget()
	}
}

// endSession is Done: the visit is forgotten at once.
func (a *App) endSession() {
	a.session.end()
	a.forget()
}

// forget clears everything of the visit: what was chosen, liked, filtered and
// photographed, the calibration, the language. Only the counts remain.
func (a *App) forget() {
	a.leaving = 0
	a.endVisit()
	a.keepFit = false
	a.shopper.forget()
	a.suggest.forget()
	a.forgetTalk()
	a.mirror.Forget()
	if a.source != a.settings.Source && a.opts.Shots == "" { // the demo stood in
		a.showSource(a.settings.Source)
	}
	a.hint, a.fit, a.guard = hintFor{}, steadyFit{}, faceGuard{}
	a.lang = a.settings.Language
	a.view.Mode, a.view.WipeAt, a.view.Zoom, a.view.Pan, a.view.Debug = viewport.Single, 0.5, 1, [2]float32{}, false
	a.followSettings()
	a.showLooks()
	a.mirror.SetView(a.view)
	if a.stage.screen == screenMirror {
		a.stage.goTo(screenMirror)
	}
}

// tick looks at what changes with time alone.
func (p *mirrorPage) tick() {
	p.leaving.show(p.a.leaving)
	p.showHint()
	p.tour.show()
}
