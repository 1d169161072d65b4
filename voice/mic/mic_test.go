package mic

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cheval/voice/sound"

	"github.com/gen2brain/malgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// null is miniaudio's backend without devices; malgo's own BackendNull is one
// too low, because it does not count the one for custom backends.
const null = malgo.BackendNull + 1

// quiet is a sound system whose devices record silence and play to nobody.
func quiet(t *testing.T) *Audio {
	t.Helper()
	a, err := openAudio([]malgo.Backend{null})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func TestAMicrophoneIsOpenedByNameAndRecords(t *testing.T) {
	a := quiet(t)
	names, err := a.Microphones()
	if err != nil || len(names) == 0 {
		t.Fatalf("%v %v", names, err)
	}
	for _, name := range []string{"", names[0]} {
		m, err := a.Microphone(name)
		if err != nil {
			t.Fatal(err)
		}
		frame := make([]float32, Rate/10)
		frame[0] = 1
		if err := m.Read(t.Context(), frame); err != nil || frame[0] != 0 {
			t.Errorf("%v %v", frame[0], err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		for err = nil; err == nil; { // what was recorded before may be read
			err = m.Read(t.Context(), frame)
		}
		if !strings.Contains(err.Error(), "plug it in again") {
			t.Errorf("after it was gone: %v", err)
		}
	}
	if _, err := a.Microphone("Nobody's"); err == nil || !strings.Contains(err.Error(), names[0]) {
		t.Errorf("the error names what there is: %v", err)
	}
}

func TestAReaderIsNotKeptWaiting(t *testing.T) {
	m, err := quiet(t).Microphone("")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := m.Read(ctx, make([]float32, 60*Rate)); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestALateReaderGetsTheNewest(t *testing.T) {
	m := &Microphone{more: make(chan struct{}, 1)}
	long := make([]float32, held+100)
	long[len(long)-1] = 1
	m.take(long)
	got := make([]float32, held)
	if err := m.Read(t.Context(), got); err != nil || got[held-1] != 1 || m.Lost() != 100 {
		t.Errorf("%v, %d lost", err, m.Lost())
	}
}

func TestWhyADeviceDoesNotOpenIsSaidPlainly(t *testing.T) {
	for cause, says := range map[error]string{
		malgo.ErrBusy: "in use by another program", malgo.ErrNoDevice: "plug it in again", malgo.ErrAccessDenied: "ask an administrator",
	} {
		if err := deviceError("microphone", "Desk", cause); !strings.Contains(err.Error(), says) {
			t.Errorf("%v", err)
		}
	}
}

func TestAPlayerPlaysAndIsInterrupted(t *testing.T) {
	p, err := quiet(t).Player("")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.SetVolume(0.5)
	p.Play(make([]float32, 2205), 22050)
	if err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Play(make([]float32, 60*22050), 22050)
	if !p.Speaking() {
		t.Error("it does not speak")
	}
	p.Stop()
	if p.Speaking() {
		t.Error("it goes on")
	}
}

// The reference for the echo is what was really played, at half the rate.
func TestWhatWasPlayedIsRemembered(t *testing.T) {
	p := &Player{volume: 0.5, empty: make(chan struct{}, 1), queue: []float32{1, 1, 0.5, 0.5}}
	p.give(make([]float32, 8))
	if got := p.Played(10); len(got) != 4 || got[0] != 0.5 || got[1] != 0.25 || got[3] != 0 {
		t.Errorf("%v", got)
	}
}

func TestARecordingStandsInForAMicrophone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.wav")
	if err := sound.WriteWAV(path, make([]float32, 1000), Rate); err != nil {
		t.Fatal(err)
	}
	for _, paced := range []bool{false, true} {
		r, err := OpenRecording(path, paced)
		if err != nil {
			t.Fatal(err)
		}
		frame := make([]float32, 512)
		for range 2 {
			if err := r.Read(t.Context(), frame); err != nil {
				t.Error(err)
			}
		}
		if err := r.Read(t.Context(), frame); err != io.EOF {
			t.Error(err)
		}
		r.Close()
	}
}
