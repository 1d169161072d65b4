package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/models/modelstest"
	"cheval/studio"
)

func openStore(t testing.TB, home string) *store.Store {
	t.Helper()
	s, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// until waits for the queue to be as the test wants it.
func until(t testing.TB, q *Queue, what string, ok func(Status) bool) Status {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if s := q.Status(); ok(s) {
			return s
		}
	}
	t.Fatalf("it never came to %s: %+v", what, q.Status())
	return Status{}
}

func job(payload string) store.Job { return store.Job{Payload: []byte(`"` + payload + `"`)} }

func idle(s Status) bool { return s.Current == nil && len(s.Waiting) == 0 }

func TestJobsAreDoneInOrderWithProgressAndRemainingTime(t *testing.T) {
	s := openStore(t, t.TempDir())
	var order []string
	var seen []float64
	hold := make(chan bool)
	q, err := Open(s, "test", func(ctx context.Context, j store.Job, progress func(float64)) error {
		order = append(order, string(j.Payload))
		progress(0.5)
		<-hold
		return nil
	}, func(s Status) {
		if s.Current != nil {
			seen = append(seen, s.Current.Part)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if _, err := q.Add(t.Context(), job("a"), job("b"), job("c")); err != nil {
		t.Fatal(err)
	}
	hold <- true
	half := until(t, q, "the second", func(s Status) bool { return s.Done == 1 && s.Current != nil && s.Current.Part == 0.5 })
	if len(half.Waiting) != 1 || half.Remains <= 0 {
		t.Errorf("%+v", half)
	}
	hold <- true
	hold <- true
	until(t, q, "the end", idle)
	if fmt.Sprint(order) != `["a" "b" "c"]` {
		t.Errorf("order %v", order)
	}
	if jobs, err := s.Jobs(); err != nil || len(jobs) != 0 {
		t.Errorf("left in the store: %v, %v", jobs, err)
	}
}

func TestFailedJobsSayWhyAndAreTriedAgain(t *testing.T) {
	s := openStore(t, t.TempDir())
	fail := true
	q, err := Open(s, "test", func(context.Context, store.Job, func(float64)) error {
		if fail {
			return errors.New("the photo is damaged")
		}
		return nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if _, err := q.Add(t.Context(), job("a"), job("b")); err != nil {
		t.Fatal(err)
	}
	st := until(t, q, "both failed", func(s Status) bool { return len(s.Failed) == 2 })
	if st.Failed[0].Why != "the photo is damaged" {
		t.Errorf("%+v", st.Failed[0])
	}
	fail = false
	if err := q.Retry(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, q, "both done", func(s Status) bool { return s.Done == 2 && idle(s) })
}

func TestCancelledJobsAreGone(t *testing.T) {
	s := openStore(t, t.TempDir())
	began := make(chan bool, 1)
	q, err := Open(s, "test", func(ctx context.Context, j store.Job, _ func(float64)) error {
		began <- true
		<-ctx.Done()
		return ctx.Err()
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	jobs, err := q.Add(t.Context(), job("running"), job("waiting"))
	if err != nil {
		t.Fatal(err)
	}
	<-began
	if err := q.Cancel(t.Context(), jobs[1].ID, jobs[0].ID); err != nil {
		t.Fatal(err)
	}
	st := until(t, q, "nothing", idle)
	if left, err := s.Jobs(); err != nil || len(left) != 0 || st.Done != 0 || len(st.Failed) != 0 {
		t.Errorf("%v, %v, %+v", left, err, st)
	}
}

func TestQueueGoesOnAfterARestart(t *testing.T) {
	home := t.TempDir()
	first, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	began := make(chan bool, 1)
	q, err := Open(first, "test", func(ctx context.Context, _ store.Job, _ func(float64)) error {
		began <- true
		<-ctx.Done()
		return ctx.Err()
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Add(t.Context(), job("a"), job("b")); err != nil {
		t.Fatal(err)
	}
	<-began
	q.Close()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	second := openStore(t, home)
	var done []string
	again, err := Open(second, "test", func(_ context.Context, j store.Job, _ func(float64)) error {
		done = append(done, string(j.Payload))
		return nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	until(t, again, "both done", func(s Status) bool { return s.Done == 2 && idle(s) })
	again.Close()
	if fmt.Sprint(done) != `["a" "b"]` {
		t.Errorf("done %v", done)
	}
}

// A photo that kills the process must not do so at every start.
func TestJobThatKeepsEndingTheProgramIsLeftAlone(t *testing.T) {
	s := openStore(t, t.TempDir())
	if _, err := s.AddJobs(t.Context(), store.Job{Kind: "test", State: store.Waiting, Tries: mostTries, Payload: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	q, err := Open(s, "test", func(context.Context, store.Job, func(float64)) error {
		t.Error("it is tried again")
		return nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if st := q.Status(); len(st.Failed) != 1 || !strings.Contains(st.Failed[0].Why, "3 times") {
		t.Errorf("%+v", st)
	}
}

// cutPhoto is a photo that was cut out before: it needs no network.
func cutPhoto(t testing.TB, path string, c color.NRGBA) {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 300, 200))
	for y := 40; y < 160; y++ {
		for x := 60; x < 240; x++ {
			m.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func openStudio(t testing.TB) *studio.Studio {
	t.Helper()
	st := studio.Open(modelstest.Runtime(t), "test")
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

func TestPhotosBecomeDraftsWithPicturesAndSteps(t *testing.T) {
	s := openStore(t, t.TempDir())
	im := NewImporter(s, openStudio(t))
	q, err := Open(s, PhotoKind, im.Work, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	path := filepath.Join(t.TempDir(), "Red_Bag 1.png")
	cutPhoto(t, path, color.NRGBA{180, 30, 40, 255})
	plan := studio.ShopPlan()
	plan.Least = 0
	var jobs []store.Job
	for range 2 { // the same photo twice is one product
		j, err := im.Take(path, "", &plan)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
	}
	if _, err := q.Add(t.Context(), jobs...); err != nil {
		t.Fatal(err)
	}
	if st := until(t, q, "done", func(s Status) bool { return idle(s) && s.Done+len(s.Failed) == 2 }); len(st.Failed) > 0 {
		t.Fatal(st.Failed[0].Why)
	}
	shelf, err := s.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if n := shelf.Len(); n != 1 {
		t.Fatalf("%d products", n)
	}
	p := shelf.All()[0]
	if p.State != catalog.Draft || p.Name["en"] != "Red Bag 1" || p.Origin.Source != "photos" || len(p.Pictures) != 3 {
		t.Errorf("%+v", p)
	}
	for i, role := range []catalog.Role{catalog.Original, catalog.CutOut, catalog.Enhanced} {
		pic := p.Pictures[i]
		if pic.Role != role {
			t.Fatalf("picture %d is %s", i, pic.Role)
		}
		if _, err := s.Picture(pic.Hash); err != nil {
			t.Error(err)
		}
	}
	last := p.Pictures[2]
	tools := []string{}
	for _, step := range last.Steps {
		tools = append(tools, step.Tool)
	}
	if fmt.Sprint(tools) != "[own-alpha enhance frame shop]" || last.From != p.Pictures[0].Hash {
		t.Errorf("steps %v from %.8s", tools, last.From)
	}
	if _, err := im.Take(path, "", nil); !errors.Is(err, ErrKnown) {
		t.Errorf("a photo that is known: %v", err)
	}
	if _, err := im.Take(filepath.Join(filepath.Dir(path), "gone.png"), "", nil); err == nil {
		t.Error("what is not there is taken")
	}
}

func TestWatchedFolderWaitsForTheFileToBeWhole(t *testing.T) {
	dir := t.TempDir()
	cutPhoto(t, filepath.Join(dir, "there.png"), color.NRGBA{1, 2, 3, 255})
	whole, err := os.ReadFile(filepath.Join(dir, "there.png"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	found, ended := make(chan string, 9), make(chan error, 1)
	go func() {
		ended <- Watch(ctx, dir, func(path string) { found <- filepath.Base(path) }, func(path string, err error) { t.Error(path, err) })
	}()
	if got := <-found; got != "there.png" {
		t.Errorf("found %s", got)
	}
	f, err := os.Create(filepath.Join(dir, "slow.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]byte{whole[:len(whole)/3], whole[len(whole)/3 : len(whole)-20]} {
		if _, err := f.Write(part); err != nil {
			t.Fatal(err)
		}
		time.Sleep(settled / 2)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("no photo"), 0o644); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-found:
		t.Errorf("%s was taken before it was whole", got)
	case <-time.After(settled + 3*lookAt): // settled, but not whole
	}
	if _, err := f.Write(whole[len(whole)-20:]); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-found; got != "slow.png" {
		t.Errorf("found %s", got)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
