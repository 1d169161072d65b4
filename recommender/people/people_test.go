package people

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cheval/catalog"
	"cheval/internal/boltfile"
	"cheval/recommender"
)

func TestMain(m *testing.M) {
	if home := os.Getenv(killedHome); home != "" {
		workUntilKilled(home)
	}
	goleak.VerifyTestMain(m)
}

// clock is a shop's clock that goes when it is told.
type clock struct{ at time.Time }

func (c *clock) now() time.Time {
	c.at = c.at.Add(time.Second)
	return c.at
}

func openTest(t *testing.T, home string) *Store {
	t.Helper()
	c := &clock{time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	s, err := open(home, c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func remember(t *testing.T, s *Store, id string, events ...recommender.Event) {
	t.Helper()
	if err := s.Remember(recommender.Profile{ID: id, Name: "Ada"}, events); err != nil {
		t.Fatal(err)
	}
}

func event(profile string, kind recommender.EventKind, product string, second int) recommender.Event {
	return recommender.Event{Profile: profile, Kind: kind, Product: product,
		At: time.Date(2026, 5, 4, 10, 0, second, 0, time.UTC)}
}

func TestAVisitLeavesNothingButCounts(t *testing.T) {
	home := t.TempDir()
	s := openTest(t, home)
	v := NewVisit(s)
	for range 3 {
		if err := v.Do(recommender.Event{Kind: recommender.Try, Product: "aria", Seconds: 9, Verdict: "too-wide"}); err != nil {
			t.Fatal(err)
		}
	}
	session := v.Session()
	if err := v.End(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if where := holding(t, home, session); len(where) > 0 {
		t.Errorf("the visit's name stands in %v", where)
	}
	s = openTest(t, home)
	counts, err := s.Counts(time.Time{})
	if err != nil || counts["aria"][recommender.Try] != 3 {
		t.Errorf("counts are %v, %v; want 3 tries of aria", counts, err)
	}
	if err := s.EachEvent(func(e *recommender.Event) error { return fmt.Errorf("%+v is kept", e) }); err != nil {
		t.Error(err)
	}
}

func TestAProfileIsMadeByChoiceAndGoesOnAtTheNextVisit(t *testing.T) {
	s := openTest(t, t.TempDir())
	v := NewVisit(s)
	must(t, v.Do(recommender.Event{Kind: recommender.Like, Product: "aria"}))
	must(t, v.Remember(recommender.Profile{ID: "K7QF-M2RT", Language: "zh"}))
	must(t, v.Do(recommender.Event{Kind: recommender.Try, Product: "bruno"}))
	must(t, v.End())

	must(t, v.Do(recommender.Event{Kind: recommender.Skip, Product: "cleo"}))
	must(t, v.SignIn("K7QF-M2RT"))
	p := v.Person()
	var did []string
	for _, e := range p.Events {
		did = append(did, string(e.Kind)+" "+e.Product)
	}
	if got := strings.Join(did, ", "); got != "like aria, try bruno, skip cleo" {
		t.Errorf("the person did %q", got)
	}
	if p.Profile.Language != "zh" || !p.Profile.Seen.After(p.Profile.Made) {
		t.Errorf("the profile is %+v", p.Profile)
	}
	must(t, s.Flush())
	if events, err := s.Events("K7QF-M2RT"); err != nil || len(events) != 3 {
		t.Errorf("%d events are kept, %v; want 3", len(events), err)
	}
}

func TestErasingLeavesNoByteBehind(t *testing.T) {
	home := t.TempDir()
	s := openTest(t, home)
	remember(t, s, "GONE-GONE", event("", recommender.Like, "secret-product", 1))
	remember(t, s, "STAY-STAY", event("", recommender.Like, "kept-product", 1))
	must(t, s.Change("GONE-GONE", func(p *recommender.Profile) { p.Name = "Margaret"; p.Fit.PDMM = 61.25 }))
	for i := range 2000 { // many pages, many freed ones
		must(t, s.Post(event("GONE-GONE", recommender.Try, fmt.Sprintf("unique-%d", i), i)))
	}
	var b Basket
	must(t, b.Set(wanted(), 0, 1, "en"))
	ticket, err := s.MakeTicket(&b, "GONE-GONE", "")
	must(t, err)
	_, err = s.Backup()
	must(t, err)
	must(t, os.WriteFile(filepath.Join(home, "people-damaged-x.db"), []byte("rubbish with GONE-GONE in it"), 0o600))

	must(t, s.Erase("GONE-GONE"))
	for _, word := range []string{"GONE-GONE", "Margaret", "61.25"} {
		if where := holding(t, home, word); len(where) > 0 {
			t.Errorf("after erasing, %q stands in %v", word, where)
		}
	}
	if _, err := s.Profile("GONE-GONE"); !errors.Is(err, ErrNoProfile) {
		t.Errorf("the erased profile answers %v", err)
	}
	if _, err := s.Profile("STAY-STAY"); err != nil {
		t.Errorf("the other profile: %v", err)
	}
	if events, _ := s.Events("STAY-STAY"); len(events) != 1 {
		t.Errorf("the other profile has %d events, want 1", len(events))
	}
	if _, err := s.Settle(ticket.Number, nil); err != nil {
		t.Errorf("the ticket of the erased person: %v", err)
	}
	backups, _ := s.Backups()
	if len(backups) != 1 {
		t.Errorf("there are %d backups, want the rewritten one", len(backups))
	}
	s.Close()
	for _, word := range []string{"GONE-GONE", "Margaret", "61.25"} {
		if where := holding(t, home, word); len(where) > 0 {
			t.Errorf("after closing, %q stands in %v", word, where)
		}
	}
}

func TestAnErasureThatWasCutShortIsBroughtToItsEnd(t *testing.T) {
	home := t.TempDir()
	s := openTest(t, home)
	remember(t, s, "GONE-GONE", event("", recommender.Like, "aria", 1))
	_, err := s.Backup()
	must(t, err)
	// All that Erase does before the first file is rewritten.
	must(t, s.update(beginErasing("GONE-GONE")))
	s.Close()
	openTest(t, home)
	if where := holding(t, home, "GONE-GONE"); len(where) > 0 {
		t.Errorf("%v still hold the profile", where)
	}
}

// An exchange once left the old file under a second name until it was
// overwritten: killed in between, that name was still the file itself, and the
// next start overwrote everybody.
func TestAKillDuringAnExchangeOverwritesNobody(t *testing.T) {
	home := t.TempDir()
	s := openTest(t, home)
	remember(t, s, "STAY-STAY", event("", recommender.Like, "aria", 1))
	must(t, s.Close())
	must(t, os.Link(filepath.Join(home, FileName), filepath.Join(home, FileName+".remains")))
	s = openTest(t, home)
	if s.Recovered() != nil {
		t.Fatalf("the file was damaged: %+v", s.Recovered())
	}
	if _, err := s.Profile("STAY-STAY"); err != nil {
		t.Error(err)
	}
}

// holding are the files under a folder whose bytes contain a word.
func holding(t *testing.T, folder, word string) (where []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(word)) {
			where = append(where, d.Name())
		}
		return err
	})
	must(t, err)
	return where
}

func TestAnEventToldTwiceIsKeptOnce(t *testing.T) {
	s := openTest(t, t.TempDir())
	remember(t, s, "A")
	e := event("A", recommender.Try, "aria", 1)
	must(t, s.Add(e, e))
	must(t, s.Add(e))
	later := event("A", recommender.Try, "aria", 2)
	must(t, s.Add(later))
	events, err := s.Events("A")
	if err != nil || len(events) != 2 {
		t.Errorf("%d events are kept, %v; want 2", len(events), err)
	}
	if counts, _ := s.Counts(time.Time{}); counts["aria"][recommender.Try] != 2 {
		t.Errorf("counted are %v", counts)
	}
}

func TestAClockThatRunsBackwardsKeepsTheOrder(t *testing.T) {
	s := openTest(t, t.TempDir())
	remember(t, s, "A")
	must(t, s.Add(event("A", recommender.View, "first", 50), event("A", recommender.View, "second", 10)))
	before := event("A", recommender.View, "third", 0)
	before.At = time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)
	must(t, s.Add(before))
	events, err := s.Events("A")
	must(t, err)
	if events[0].Product != "first" || events[1].Product != "second" || events[2].Product != "third" {
		t.Errorf("the order is %v", events)
	}
}

func TestADamagedFileIsSetAsideAndReadAsFarAsItGoes(t *testing.T) {
	home := t.TempDir()
	s := openTest(t, home)
	for i := range 300 {
		remember(t, s, fmt.Sprintf("P-%03d", i), event("", recommender.Like, "aria", 1))
	}
	s.Close()
	path := filepath.Join(home, FileName)
	data, err := os.ReadFile(path)
	must(t, err)
	at := bytes.Index(data, []byte(`{"id":"P-150"`)) &^ 4095
	copy(data[at:at+4096], bytes.Repeat([]byte{0xA5}, 4096))
	must(t, os.WriteFile(path, data, 0o600))

	s = openTest(t, home)
	r := s.Recovered()
	if r == nil || r.Lost == 0 {
		t.Fatalf("recovered: %+v; want what was lost", r)
	}
	if _, err := os.Stat(filepath.Join(home, r.SetAside)); err != nil {
		t.Error(err)
	}
	if profiles, err := s.Profiles(); err != nil || len(profiles) < 50 {
		t.Errorf("%d profiles were read, %v", len(profiles), err)
	}
	must(t, s.Add(event("P-000", recommender.Buy, "aria", 3)))
}

func TestANewerFileIsLeftAlone(t *testing.T) {
	home := t.TempDir()
	s := openTest(t, home)
	must(t, s.update(setSchema(99)))
	s.Close()
	if _, err := open(home, time.Now); err == nil || !strings.Contains(err.Error(), "newer Cheval") {
		t.Errorf("it opens with %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(home, "people-damaged*")); len(left) > 0 {
		t.Errorf("it was set aside: %v", left)
	}
}

func TestAFileThatIsHeldSaysSo(t *testing.T) {
	if testing.Short() {
		t.Skip("waits two seconds for the lock")
	}
	home := t.TempDir()
	openTest(t, home)
	if _, err := Open(home); !errors.Is(err, boltfile.ErrHeld) {
		t.Errorf("the second open says %v", err)
	}
}

func TestAGroupOfLessThanTenIsNotShown(t *testing.T) {
	s := openTest(t, t.TempDir())
	visit := func(verdict string) {
		v := NewVisit(s)
		must(t, v.Do(recommender.Event{Kind: recommender.Try, Product: "aria", Verdict: verdict}))
		must(t, v.End())
	}
	for range minGroup - 1 {
		visit("too-wide")
	}
	if r, err := s.Risk([]string{"aria"}, "too-wide"); err != nil || r.Known {
		t.Errorf("nine people are shown: %+v, %v", r, err)
	}
	for range 31 {
		visit("good")
	}
	r, err := s.Risk([]string{"aria"}, "too-wide")
	if err != nil || !r.Known || r.Share < 0.05 || r.Share > 0.45 {
		t.Errorf("9 of 40 give %+v, %v", r, err)
	}
	if again, _ := s.Risk([]string{"aria"}, "too-wide"); again != r {
		t.Errorf("asked again the noise is another: %+v, then %+v", r, again)
	}
}

func TestExportIsAllThatIsKept(t *testing.T) {
	s := openTest(t, t.TempDir())
	remember(t, s, "A", event("", recommender.Like, "aria", 1))
	var b Basket
	must(t, b.Set(wanted(), 0, 2, "en"))
	_, err := s.MakeTicket(&b, "A", "")
	must(t, err)
	var out bytes.Buffer
	must(t, s.Export("A", &out))
	var x exported
	must(t, json.Unmarshal(out.Bytes(), &x))
	if x.Profile.Name != "Ada" || len(x.Events) != 1 || len(x.Tickets) != 1 {
		t.Errorf("exported is %s", out.String())
	}
	if err := s.Export("B", &out); !errors.Is(err, ErrNoProfile) {
		t.Errorf("a profile that is not there exports with %v", err)
	}
}

func wanted() *catalog.Product {
	return &catalog.Product{ID: "aria", Name: map[string]string{"en": "Aria"}, Variants: []catalog.Variant{{
		SKU: "ARIA-BLK", ColourName: map[string]string{"en": "Black"}, Price: catalog.Money{Minor: 89900, Currency: "CNY"}, Stock: 3,
	}}}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A million events, many people: how fast they are written, and read again.
func BenchmarkAMillionEvents(b *testing.B) {
	for b.Loop() {
		s, err := Open(b.TempDir())
		must(b, err)
		for i := range 2000 {
			must(b, s.Remember(recommender.Profile{ID: fmt.Sprintf("P-%d", i)}, nil))
		}
		batch := make([]recommender.Event, 10_000)
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for n := 0; n < 1_000_000; n += len(batch) {
			for i := range batch {
				batch[i] = recommender.Event{Profile: fmt.Sprintf("P-%d", (n+i)*7%2000), Kind: recommender.Try,
					Product: fmt.Sprintf("product-%d", (n+i)%500), At: start.Add(time.Duration(n+i) * time.Second)}
			}
			must(b, s.Add(batch...))
		}
		read := 0
		must(b, s.EachEvent(func(*recommender.Event) error { read++; return nil }))
		if read != 1_000_000 {
			b.Fatalf("%d events were read", read)
		}
		must(b, s.Close())
	}
}
