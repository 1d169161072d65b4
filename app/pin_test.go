package app

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newTestLock(t *testing.T) (*pinLock, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)}
	return newPINLock(t.TempDir(), func() time.Time { return c.now }), c
}

func TestThePINOpensAndIsNotInItsFile(t *testing.T) {
	p, _ := newTestLock(t)
	if p.isSet() {
		t.Fatal("set before it was")
	}
	if err := p.set("80417"); err != nil {
		t.Fatal(err)
	}
	if err := p.try("80417"); err != nil {
		t.Errorf("the right PIN: %v", err)
	}
	if err := p.try("80418"); !errors.Is(err, errWrongPIN) {
		t.Errorf("a wrong PIN: %v", err)
	}
	data, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("80417")) {
		t.Error("the file holds the PIN")
	}
	if info, _ := os.Stat(p.path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestTwoShopsWithOnePINHaveDifferentHashes(t *testing.T) {
	p, _ := newTestLock(t)
	q, _ := newTestLock(t)
	for _, l := range []*pinLock{p, q} {
		if err := l.set("1234"); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := p.load()
	b, _ := q.load()
	if bytes.Equal(a.Hash, b.Hash) || bytes.Equal(a.Salt, b.Salt) {
		t.Error("the salt does not salt")
	}
}

func TestWrongPINsCostMoreAndMoreTime(t *testing.T) {
	p, c := newTestLock(t)
	if err := p.set("1234"); err != nil {
		t.Fatal(err)
	}
	var waits []time.Duration
	for range 6 {
		if err := p.try("0000"); !errors.Is(err, errWrongPIN) {
			t.Fatal(err)
		}
		waits = append(waits, p.wait())
		c.advance(p.wait())
	}
	want := []time.Duration{0, 0, 5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second}
	for i := range want {
		if waits[i] != want[i] {
			t.Fatalf("waits %v, want %v", waits, want)
		}
	}
	// The right one opens, and forgives.
	if err := p.try("1234"); err != nil {
		t.Fatal(err)
	}
	if err := p.try("0000"); !errors.Is(err, errWrongPIN) || p.wait() != 0 {
		t.Errorf("after the right one: %v, wait %v", err, p.wait())
	}
}

func TestARestartDoesNotShortenTheWait(t *testing.T) {
	p, c := newTestLock(t)
	if err := p.set("1234"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_ = p.try("0000")
	}
	again := newPINLock(filepath.Dir(p.path), p.now)
	c.advance(3 * time.Second)
	var soon *tooSoonError
	if err := again.try("1234"); !errors.As(err, &soon) || soon.Wait != 2*time.Second {
		t.Errorf("got %v, want to wait 2 s", err)
	}
}

// A clock set back must not lock the shop out for years.
func TestAClockSetBackDoesNotLockForEver(t *testing.T) {
	p, c := newTestLock(t)
	if err := p.set("1234"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_ = p.try("0000")
	}
	c.advance(-400 * 24 * time.Hour)
	if w := p.wait(); w > 5*time.Second {
		t.Errorf("wait %v", w)
	}
}

func TestADamagedPINFileStaysShut(t *testing.T) {
	p, _ := newTestLock(t)
	for _, s := range []string{"", "{", "{}", `{"salt":"AAAA","hash":"AAAA"}`, `{"time":4000000000,"memory":4000000000}`} {
		if err := os.WriteFile(p.path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		if !p.isSet() {
			t.Errorf("%q counts as not set: anybody could set a new one", s)
		}
		if err := p.try("1234"); err == nil || errors.Is(err, errWrongPIN) || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestPINsAreDigits(t *testing.T) {
	p, _ := newTestLock(t)
	for _, s := range []string{"", "123", "123456789", "12a4", "１２３４"} {
		if err := p.set(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func FuzzPINRecord(f *testing.F) {
	f.Add([]byte(`{"salt":"AAAAAAAAAAAAAAAAAAAAAA==","hash":"","time":3,"memory":32768}`))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r pinRecord
		if r.decode(data) == nil && (r.Memory > 256<<10 || r.Time > 16 || len(r.Hash) != 32) {
			t.Errorf("a record that would hang the app was taken: %+v", r)
		}
	})
}

// press enters digits on the pad and confirms.
func press(b *bench, p *pinpad, digits string) {
	for _, d := range digits {
		p.digit(string(d))
	}
	p.enter(func() { b.stage.goTo(screenStaff) })
	b.settle()
}

func TestThePadSetsThenAsks(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.openStaff()
	p := b.stage.pad
	press(b, p, "2468")
	press(b, p, "2469")
	if p.message != b.look.tr.t("pin.differ") || b.pin.isSet() {
		t.Fatalf("two different PINs: %q", p.message)
	}
	press(b, p, "2468")
	press(b, p, "2468")
	if !b.pin.isSet() || b.stage.screen != screenStaff {
		t.Fatal("the PIN was not set, or did not open")
	}
	b.lock()
	b.openStaff()
	p = b.stage.pad
	press(b, p, "1111")
	if b.stage.screen == screenStaff || p.message != b.look.tr.t("pin.wrong") {
		t.Fatalf("a wrong PIN: screen %v, says %q", b.stage.screen, p.message)
	}
	press(b, p, "2468")
	if b.stage.screen != screenStaff {
		t.Error("the right PIN did not open")
	}
}

func TestStaffScreensCloseByThemselves(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.stage.goTo(screenStaff)
	b.clock.advance(staffIdle + time.Second)
	b.tick()
	if b.stage.screen != screenMirror {
		t.Error("still open")
	}
}
