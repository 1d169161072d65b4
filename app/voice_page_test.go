package app

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"cheval/voice/teach"
	"cheval/voice/understand"
)

// kept reads what the voice's store of a bench holds.
func kept(t *testing.T, b *bench) (missed []teach.Missed, examples []teach.Example) {
	t.Helper()
	err := withLoop(b.opts.Home, func(l *teach.Loop) (err error) {
		if missed, err = l.Missed(); err != nil {
			return err
		}
		examples, err = l.Examples()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return missed, examples
}

func TestWhatWasNotUnderstoodIsKeptOnlyOfWhoAgreed(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	withModels(t, b)
	b.settings.Voice.Speak = false
	b.settle()
	b.ask("zap the frobnicator", understand.English)
	b.settle()
	if _, err := os.Stat(filepath.Join(b.opts.Home, teach.File)); err == nil {
		t.Fatal("a sentence of somebody without a profile was written")
	}
	b.remember()
	if b.visit.Profile() == nil {
		t.Fatalf("no profile: %v", b.notices)
	}
	for range 2 {
		b.ask("zap the frobnicator", understand.English)
		b.settle()
	}
	missed, _ := kept(t, b)
	if len(missed) != 1 || missed[0].Count != 2 || missed[0].Text != "zap the frobnicator" {
		t.Errorf("not understood: %+v", missed)
	}
}

func TestStaffTeachASentenceWithWhatItMeansBesideItsWords(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	withModels(t, b)
	b.settings.Voice.Speak = false
	b.settle()
	b.ask("hello", understand.English) // opens the talker
	b.settle()
	b.section = sectionVoice
	b.stage.goTo(screenStaff)
	b.settle()
	page := &voicePage{p: b.stage.staff, look: b.look, body: b.look.column(16)}
	lesson := &teaching{page: page, example: understand.Example{Text: "the bikini sort", Language: understand.English, Intent: understand.Find}}
	lesson.example.Slots.Kind = understand.Values{"sun"}
	b.stage.open(lesson.sheet)
	lesson.keep()
	b.settle()
	if _, examples := kept(t, b); len(examples) != 1 || examples[0].Origin != teach.Taught {
		t.Fatalf("kept %+v", examples)
	}
	b.ask("the bikini sort", understand.English)
	b.settle()
	if m := b.talk.last.Meaning; m.Intent != understand.Find || len(m.Slots.Kind) != 1 || m.Slots.Kind[0] != "sun" {
		t.Errorf("taught, it means %s %+v", m.Intent, m.Slots)
	}
}

func TestGoingOnConfirmsWhatWasNotKnown(t *testing.T) {
	known := understand.Meaning{Text: "one", Intent: understand.Find, Confidence: 0.9, By: "phrases"}
	next := understand.Meaning{Text: "two", Intent: understand.TryOn, Confidence: 0.9, By: "grammar"}
	undo := next
	undo.Intent = understand.Undo
	sure, lost := known, known
	sure.By, lost.Confidence = "grammar", 0.3
	for _, c := range []struct {
		before, after understand.Meaning
		want          bool
	}{{known, next, true}, {known, undo, false}, {sure, next, false}, {lost, next, false}, {known, lost, false}} {
		if confirmed(c.before, c.after) != c.want {
			t.Errorf("%+v then %+v", c.before, c.after)
		}
	}
}

// A mirror without a microphone says so once, and answers what is typed.
func TestWithoutSoundOneCanType(t *testing.T) {
	b := newBench(t, "en", 1280, 800, func(p *parts) {
		p.sound = func(string) (soundDevices, error) { return soundDevices{}, errors.New("microphone: none is connected") }
	})
	withModels(t, b)
	b.settings.Voice.Speak = false
	b.settle()
	b.ask("show me round sunglasses", understand.English)
	b.settle()
	if !b.talk.answered || b.talk.talker.hearing != nil || len(b.talk.talker.troubles) != 1 {
		t.Errorf("answered %v, troubles %v", b.talk.answered, b.talk.talker.troubles)
	}
}

func TestACorrectionLeavesWhatStaffTaught(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	withModels(t, b)
	b.settings.Voice.Speak = false
	b.settle()
	taught := teach.Example{Origin: teach.Taught, At: b.now()}
	taught.Language, taught.Text, taught.Intent = understand.English, "flip the wug", understand.AskStaff
	if err := keepExample(b.opts.Home, taught); err != nil {
		t.Fatal(err)
	}
	b.ask("zap the frobnicator", understand.English)
	b.settle()
	b.correct(understand.Photo)
	b.settle()
	b.ask("flip the wug", understand.English)
	b.settle()
	if got := b.talk.last.Meaning.Intent; got != understand.AskStaff {
		t.Errorf("after a correction of another sentence it means %s", got)
	}
	b.relearn()
	b.settle()
	b.ask("zap the frobnicator", understand.English)
	b.settle()
	if got := b.talk.last.Meaning.Intent; got != understand.Photo {
		t.Errorf("after learning anew the corrected sentence means %s", got)
	}
}

func TestWhoIsErasedIsNoLongerUnderstoodByTheOpenTalker(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	withModels(t, b)
	b.settings.Voice.Speak = false
	b.settle()
	b.remember()
	b.ask("zap the frobnicator", understand.English)
	b.settle()
	b.correct(understand.Photo)
	b.settle()
	if _, examples := kept(t, b); len(examples) != 1 {
		t.Fatalf("kept %+v", examples)
	}
	b.eraseProfile()
	b.settle()
	if _, examples := kept(t, b); len(examples) != 0 {
		t.Errorf("still kept: %+v", examples)
	}
	b.ask("zap the frobnicator", understand.English)
	b.settle()
	if got := b.talk.last.Meaning.Intent; got == understand.Photo {
		t.Error("what the erased person taught is still understood")
	}
}
