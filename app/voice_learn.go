package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"cheval/voice/assistant"
	"cheval/voice/teach"
	"cheval/voice/understand"
)

// What the mirror learns of how people speak. Of a shopper only with their yes.

// voiceHome is where that is kept: a demo's is not the shop's.
func (a *App) voiceHome() string {
	if a.opts.Shots != "" && a.demoHome != "" {
		return a.demoHome
	}
	return a.opts.Home
}

// withLoop opens the voice's store for one piece of work.
func withLoop(home string, do func(*teach.Loop) error) error {
	l, err := teach.Open(home)
	if err != nil {
		return err
	}
	return errors.Join(do(l), l.Close())
}

// keepExample writes an example into the voice's store.
func keepExample(home string, e teach.Example) error {
	return withLoop(home, func(l *teach.Loop) error { return l.Add(e) })
}

// loadMind returns the classifiers in use with what was taught since they were
// trained; nil: the built-in ones.
func loadMind(home string) (*understand.Trained, error) {
	t, err := teach.Load(home)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(home, teach.File)); errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	err = withLoop(home, func(l *teach.Loop) (err error) {
		t, err = l.Using(t)
		return err
	})
	return t, err
}

// understandBy has the talker understand by classifiers with what was taught
// (nil: the built-in ones) and by what this visit corrected.
func (t *talker) understandBy(base *understand.Trained, corrected []understand.Example) error {
	if base == nil {
		var err error
		if base, err = understand.Built(); err != nil {
			return err
		}
	}
	return t.assistant.Retrain(base.WithPhrases(append(base.Phrases(), corrected...)))
}

// relearn has the open talker understand by what is kept now.
func (a *App) relearn() {
	t := a.talk.talker
	if t == nil {
		return
	}
	home, corrected := a.voiceHome(), slices.Clone(a.talk.corrected)
	var base *understand.Trained
	a.inBackground(func(context.Context) (err error) {
		if base, err = loadMind(home); err != nil {
			return err
		}
		return t.understandBy(base, corrected)
	}, func(err error) {
		if err != nil {
			a.notice(err)
			return
		}
		t.base = base
	})
}

// learnFrom keeps what the last two answers teach, where the person agreed to a
// profile: a sentence that was not understood, for staff to teach, and one that
// was not known and understood all the same, if they went on with the answer.
func (a *App) learnFrom(before, now assistant.Response, answered bool) {
	p := a.visit.Profile()
	if p == nil {
		return
	}
	owner, at, home := p.ID, a.now(), a.voiceHome()
	var keep []func(*teach.Loop) error
	if m := now.Meaning; missed(m) {
		keep = append(keep, func(l *teach.Loop) error { return l.Miss(m.Language, m.Text, owner, at) })
	}
	if answered && confirmed(before.Meaning, now.Meaning) {
		e := teach.Example{Origin: teach.Confirmed, Owner: owner, At: at}
		e.Language, e.Text, e.Intent = before.Meaning.Language, before.Meaning.Text, before.Meaning.Intent
		keep = append(keep, func(l *teach.Loop) error { return l.Add(e) })
	}
	if len(keep) == 0 {
		return
	}
	a.inBackground(func(context.Context) error {
		return withLoop(home, func(l *teach.Loop) (err error) {
			for _, do := range keep {
				err = errors.Join(err, do(l))
			}
			return err
		})
	}, a.notice)
}

// missed says whether a sentence was not understood.
func missed(m understand.Meaning) bool {
	return m.Reply == understand.NoReply && (m.Intent == understand.OutOfScope || m.Confidence < understand.AskBack)
}

// confirmed says whether what follows a sentence confirms how it was
// understood, and whether there is something to be learned from that.
func confirmed(before, after understand.Meaning) bool {
	if missed(before) || missed(after) || before.By == "grammar" || before.Text == after.Text {
		return false
	}
	switch after.Intent {
	case understand.Undo, understand.Repeat, understand.Help, understand.Dislike, understand.AskStaff:
		return false
	}
	return true
}
