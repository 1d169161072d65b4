package teach

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cheval/voice/understand"
)

const secret = "beam me up to the window"

// say keeps the secret as a sentence of P1, and one of the shop's.
func say(t *testing.T, home string) *Loop {
	t.Helper()
	l, err := Open(home)
	if err != nil {
		t.Fatal(err)
	}
	said := Example{Origin: Corrected, Owner: "P1", At: time.Now()}
	said.Language, said.Text, said.Intent = understand.English, secret, understand.AskStaff
	if err := l.Add(said); err != nil {
		t.Fatal(err)
	}
	if err := l.Add(taught("one more please", understand.Next)); err != nil {
		t.Fatal(err)
	}
	return l
}

// nowhere fails where a file of the folder has the secret in it.
func nowhere(t *testing.T, home string) {
	t.Helper()
	files, err := os.ReadDir(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(home, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("%s still has it", f.Name())
		}
	}
}

func TestWhoIsErasedIsInNoByteOfAnyFile(t *testing.T) {
	home := t.TempDir()
	l := say(t, home)
	using, err := l.Using(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := Save(home, using); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Erase(t.Context(), home, func(owner string) bool { return owner == "P1" }); err != nil {
		t.Fatal(err)
	}
	nowhere(t, home)
	l, err = Open(home)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if es, err := l.Examples(); err != nil || len(es) != 1 || es[0].Owner != "" {
		t.Errorf("left are %v, %v", es, err)
	}
}

// A process may die after it forgot and before it rewrote the file, and while
// it wrote the classifiers.
func TestAnErasureThatWasCutShortIsFinished(t *testing.T) {
	home := t.TempDir()
	l := say(t, home)
	if _, err := l.Forget("P1"); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "."+trainedFile+".1.tmp"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	nobody := func(string) bool { return false }
	if err := Erase(t.Context(), home, nobody); err != nil {
		t.Fatal(err)
	}
	nowhere(t, home)
	before, err := os.Stat(filepath.Join(home, File))
	if err != nil {
		t.Fatal(err)
	}
	if err := Erase(t.Context(), home, nobody); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(filepath.Join(home, File)); err != nil || !os.SameFile(before, after) {
		t.Errorf("the file is rewritten although nothing was left to erase: %v", err)
	}
}
