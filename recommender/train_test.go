package recommender_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cheval/recommender"
	"cheval/recommender/model"
	"cheval/recommender/simulate"
)

func TestATrainingThatWasStoppedGoesOnAndTheOldModelStays(t *testing.T) {
	w := simulate.New(simulate.Options{Products: 60, Shoppers: 40, Events: 6, Seed: 5})
	file := filepath.Join(t.TempDir(), "model")
	old := []byte("the old model")
	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := recommender.Train(ctx, lessons(w), file, func(done float64, what string) {
		if what == "logistic" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != string(old) {
		t.Fatalf("the old model is %q (%v)", b, err)
	}
	first := ""
	if _, err := recommender.Train(context.Background(), lessons(w), file, func(_ float64, what string) {
		if first == "" {
			first = what
		}
	}); err != nil {
		t.Fatal(err)
	}
	if first != "logistic" {
		t.Errorf("the training went on with %s, it had stopped at logistic", first)
	}
	if _, err := recommender.Load(file); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file + ".part"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the checkpoint is left: %v", err)
	}
}

func TestADamagedCheckpointIsBegunAnew(t *testing.T) {
	w := simulate.New(simulate.Options{Products: 20, Shoppers: 8, Events: 4, Seed: 5})
	file := filepath.Join(t.TempDir(), "model")
	if err := os.WriteFile(file+".part", []byte("CHEVALRM and then nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := recommender.Train(context.Background(), lessons(w), file, func(float64, string) {}); err != nil {
		t.Fatal(err)
	}
}

// TestKilledWhileTraining is run again as a process of its own, which is
// killed at some time; the old model must be whole afterwards.
func TestKilledWhileTraining(t *testing.T) {
	w := simulate.New(simulate.Options{Products: 60, Shoppers: 40, Events: 6, Seed: 6})
	if file := os.Getenv("RECOMMENDER_TRAIN"); file != "" {
		for seed := uint64(2); ; seed++ {
			l := lessons(w)
			l.Seed = seed
			if _, err := recommender.Train(context.Background(), l, file, func(float64, string) {}); err != nil {
				t.Fatal(err)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "model")
	if _, err := recommender.Train(context.Background(), lessons(w), file, func(float64, string) {}); err != nil {
		t.Fatal(err)
	}
	for k := range 5 {
		child := exec.Command(os.Args[0], "-test.run", "^TestKilledWhileTraining$")
		child.Env = append(os.Environ(), "RECOMMENDER_TRAIN="+file, "TMPDIR="+t.TempDir())
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(60+130*k) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed, so it fails
		if _, err := recommender.Load(file); err != nil {
			t.Fatalf("after kill %d: %v", k, err)
		}
	}
}

func TestAModelThatIsNoneIsSaid(t *testing.T) {
	dir := t.TempDir()
	if _, err := recommender.Load(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte(strings.Repeat("x", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := recommender.Load(bad); !errors.Is(err, model.ErrFile) {
		t.Error(err)
	}
}
