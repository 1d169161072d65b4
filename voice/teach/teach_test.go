package teach

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cheval/voice/understand"
)

func open(t *testing.T, home string) *Loop {
	t.Helper()
	l, err := Open(home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func taught(text string, in understand.Intent) Example {
	return Example{understand.Example{Language: understand.English, Text: text, Intent: in}, Taught, "", time.Unix(1, 0)}
}

// TestTheLoop teaches a phrase, trains, swaps, and finds it after a restart.
func TestTheLoop(t *testing.T) {
	home := t.TempDir()
	l := open(t, home)
	for i, text := range []string{"yeet them off my nose", "get this off me right now", "away with the glasses", "shed the specs", "free my face", "uncover my face"} {
		e := taught(text, understand.TakeOff)
		e.At = time.Unix(int64(i), 0)
		if err := l.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	next, o, err := l.Retrain(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !o.Swapped || o.Examples+o.HeldOut != 6 || o.Guard < 500 {
		t.Errorf("outcome %+v", o)
	}
	if err := Save(home, next); err != nil {
		t.Fatal(err)
	}
	again, err := Load(home)
	if err != nil || again == nil {
		t.Fatalf("after a restart: %v, %v", again, err)
	}
	u, err := understand.New(nil, understand.Options{Trained: again})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Yeet them off my nose!", "free my face"} {
		if m := u.Understand(text, understand.English); m.Intent != understand.TakeOff {
			t.Errorf("%q is still %s", text, m.Intent)
		}
	}
}

func TestWhatShoppersSayIsKeptOnlyWithTheirYes(t *testing.T) {
	l := open(t, t.TempDir())
	e := taught("blub", understand.Find)
	e.Origin = Corrected
	if err := l.Add(e); err == nil {
		t.Error("a correction was kept of nobody's yes")
	}
	if err := l.Miss(understand.English, "blub", "", time.Now()); err == nil {
		t.Error("a missed sentence was kept of nobody's yes")
	}
	e.Owner = "ann"
	if err := l.Add(e); err != nil {
		t.Fatal(err)
	}
	for _, owner := range []string{"ann", "bob", "bob"} {
		if err := l.Miss(understand.English, "what is a blub", owner, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Miss(understand.English, "only ann", "ann", time.Now()); err != nil {
		t.Fatal(err)
	}
	if m, err := l.Missed(); err != nil || len(m) != 2 || m[0].Text != "what is a blub" || m[0].Count != 3 {
		t.Errorf("missed %+v, %v", m, err)
	}
	if n, err := l.Forget("ann"); err != nil || n != 1 {
		t.Errorf("forgot %d, %v", n, err)
	}
	es, _ := l.Examples()
	ms, _ := l.Missed()
	if len(es) != 0 || len(ms) != 1 || len(ms[0].Owners) != 1 {
		t.Errorf("after forgetting: %v, %v", es, ms)
	}
}

func TestAddRefusesWhatIsNoExample(t *testing.T) {
	l := open(t, t.TempDir())
	for _, e := range []Example{taught(" \x00 ", understand.Find), taught("hello", "sing"), {understand.Example{Language: "fr", Text: "bonjour", Intent: understand.Greet}, Taught, "", time.Now()}} {
		if err := l.Add(e); err == nil {
			t.Errorf("%+v was kept", e)
		}
	}
}

func TestConfirmationsDoNotOverruleWhatWasTaught(t *testing.T) {
	l := open(t, t.TempDir())
	e := taught("more", understand.Next)
	if err := l.Add(e); err != nil {
		t.Fatal(err)
	}
	e.Intent, e.Origin, e.Owner = understand.Volume, Confirmed, "ann"
	if err := l.Add(e); err != nil {
		t.Fatal(err)
	}
	if es, _ := l.Examples(); len(es) != 1 || es[0].Intent != understand.Next {
		t.Errorf("%+v", es)
	}
}

func TestAHeldStoreSaysSo(t *testing.T) {
	home := t.TempDir()
	open(t, home)
	if _, err := Open(home); !errors.Is(err, ErrHeld) {
		t.Errorf("opened twice: %v", err)
	}
}

// TestADamagedFileOfClassifiersIsNamed: half a file, another file, none.
func TestADamagedFileOfClassifiersIsNamed(t *testing.T) {
	home := t.TempDir()
	if c, err := Load(home); c != nil || err != nil {
		t.Errorf("nothing there: %v, %v", c, err)
	}
	built, err := understand.Built()
	if err != nil {
		t.Fatal(err)
	}
	if err := Save(home, built); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, trainedFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 10, 100, len(whole) / 2, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(home); err == nil {
			t.Errorf("%d of %d bytes are taken", n, len(whole))
		}
	}
	left, err := filepath.Glob(filepath.Join(home, trainedFile+".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Classifiers that learned of a person are trained without them.
func TestWhatWasLearnedOfAPersonIsForgotten(t *testing.T) {
	home := t.TempDir()
	l, err := Open(home)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	said := Example{Origin: Corrected, Owner: "P1", At: time.Now()}
	said.Language, said.Text, said.Intent = understand.English, "beam me up", understand.AskStaff
	if err := l.Add(said); err != nil {
		t.Fatal(err)
	}
	using, err := l.Using(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := Save(home, using); err != nil || len(using.Phrases()) != 1 {
		t.Fatal(err, using.Phrases())
	}
	if err := l.ForgetAndRetrain(t.Context(), home, "P1"); err != nil {
		t.Fatal(err)
	}
	if now, err := Load(home); err != nil || now == nil || len(now.Phrases()) > 0 {
		t.Errorf("%v: it still knows %v", err, now.Phrases())
	}
}
