package store

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cheval/catalog"
)

// writerHome in the environment makes this test binary a process that writes
// to the store there until it is killed.
const writerHome = "CHEVAL_TEST_STORE"

func TestMain(m *testing.M) {
	if home := os.Getenv(writerHome); home != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(home))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// deed is what the writer does, said before and after.
type deed struct {
	Done   bool           // else: is about to be done
	Put    map[string]int // product → revision, in one batch
	Delete string
	Job    uint64 // done by the batch
	Add    uint64 // a job that was put into the queue
	Backup string // a file
}

// revised is a product whose revision its brand and its picture say.
func revised(s *Store, sample *catalog.Product, id string, revision int) (*catalog.Product, error) {
	p := *sample
	p.ID, p.Brand = id, fmt.Sprint("revision ", revision)
	hash, err := s.PutPicture(bytesOf(id, revision))
	p.Pictures = []catalog.Picture{{Hash: hash, Role: catalog.Original}}
	p.Sheet = &catalog.Sheet{Format: "table", Header: []string{"revision"}, Rows: [][]string{{p.Brand}}}
	return &p, err
}

// writeUntilKilled imports, publishes, queues and backs up at random, and says
// on stdout what it does. It returns on an error only.
func writeUntilKilled(home string) error {
	ctx := context.Background()
	say := json.NewEncoder(os.Stdout) // unbuffered: what is said is said
	s, err := Open(home, Options{})
	if err != nil {
		return err
	}
	c, err := s.Catalogue()
	if err != nil {
		return err
	}
	sample := c.All()[0]
	if err := say.Encode(deed{Done: true}); err != nil {
		return err
	}
	var queue []uint64
	for n := 0; ; n++ {
		d, b := deed{}, Batch{Kind: Import}
		switch kind := rand.IntN(10); {
		case kind == 0:
			d.Backup = filepath.Join(home, "shop.zip")
		case kind == 1:
			d.Delete = fmt.Sprintf("item-%02d", rand.IntN(30))
			b.Delete = []string{d.Delete}
		case kind == 2:
			d.Add = 1
		default:
			d.Put = map[string]int{}
			for range 1 + rand.IntN(12) {
				d.Put[fmt.Sprintf("item-%02d", rand.IntN(30))] = os.Getpid()*1000 + n
			}
			if len(queue) > 0 {
				d.Job, queue = queue[0], queue[1:]
				b.Done = []uint64{d.Job}
			}
		}
		if err := say.Encode(d); err != nil {
			return err
		}
		for id, revision := range d.Put {
			p, err := revised(s, sample, id, revision)
			if err != nil {
				return err
			}
			b.Put = append(b.Put, p)
		}
		switch {
		case d.Backup != "":
			_, err = s.WriteBackup(ctx, d.Backup, nil)
		case d.Add > 0:
			var jobs []Job
			if jobs, err = s.AddJobs(ctx, Job{Kind: "photo"}); err == nil {
				d.Add = jobs[0].ID
				queue = append(queue, d.Add)
			}
		default:
			if _, err = s.Apply(ctx, b); errors.Is(err, ErrAbsent) { // nothing to delete
				err, d = nil, deed{}
			}
		}
		if err != nil {
			return err
		}
		d.Done = true
		if err := say.Encode(d); err != nil {
			return err
		}
	}
}

// books are what must be in the store.
type books struct {
	products map[string]int
	jobs     map[uint64]bool
}

func (b *books) enter(d deed) {
	for id, revision := range d.Put {
		b.products[id] = revision
	}
	delete(b.products, d.Delete)
	delete(b.jobs, d.Job)
	if d.Add > 0 {
		b.jobs[d.Add] = true
	}
}

// TestWhatWasReportedAsSavedSurvivesAKill kills a process that writes with -9
// at random moments. On the next start all that it reported is there; what it
// was about is there whole, or not at all.
func TestWhatWasReportedAsSavedSurvivesAKill(t *testing.T) {
	s := openAt(t, t.TempDir())
	home := s.Home()
	b := &books{map[string]int{}, map[uint64]bool{}}
	deeds, midway := 0, 0
	for round := range killRounds {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		said := runAndKill(t, home)
		var last deed
		for _, d := range said {
			if d.Done {
				b.enter(d)
				deeds++
			}
			last = d
		}
		s = openAt(t, home)
		if s.Recovered() != nil {
			t.Fatalf("a kill damaged the file: %v", s.Recovered())
		}
		whole(t, s)
		if !last.Done && len(said) > 0 {
			midway++
			b.settle(t, s, last)
		}
		b.compare(t, s)
		if round%3 == 0 {
			checkBackup(t, filepath.Join(home, "shop.zip"))
		}
	}
	t.Logf("%d deeds were reported, %d kills were in the middle of one", deeds, midway)
	if deeds < killRounds {
		t.Errorf("only %d deeds: the writer was killed before it did anything", deeds)
	}
}

// runAndKill lets the writer write for a moment, and returns what it said.
func runAndKill(t *testing.T, home string) []deed {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerHome+"="+home)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if rand.IntN(5) == 0 { // while it opens the store
		time.AfterFunc(time.Duration(rand.IntN(80))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	}
	var said []deed
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var d deed
		if json.Unmarshal(lines.Bytes(), &d) != nil {
			break // cut off by the kill
		}
		if said = append(said, d); len(said) == 1 { // it is open
			time.AfterFunc(time.Duration(rand.IntN(400))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
	}
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return said
}

// settle finds out whether the deed that was under way was done, and enters it
// if so; compare then holds that it was done whole.
func (b *books) settle(t *testing.T, s *Store, d deed) {
	t.Helper()
	if d.Add > 0 { // its number is not known: it was not reported
		jobs, err := s.Jobs()
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range jobs {
			b.jobs[j.ID] = true
		}
		return
	}
	for id, revision := range d.Put {
		if revisionOf(t, s, id) == revision {
			b.enter(d)
		}
		return
	}
	if d.Delete != "" && revisionOf(t, s, d.Delete) == 0 {
		b.enter(d)
	}
}

func revisionOf(t *testing.T, s *Store, id string) (revision int) {
	t.Helper()
	p, err := s.Product(id)
	if errors.Is(err, ErrAbsent) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(p.Brand, "revision %d", &revision); err != nil {
		t.Fatal(err)
	}
	if p.Sheet == nil || p.Sheet.Rows[0][0] != p.Brand {
		t.Errorf("product %s and its sheet are of two revisions", id)
	}
	return revision
}

func (b *books) compare(t *testing.T, s *Store) {
	t.Helper()
	for id, revision := range b.products {
		if got := revisionOf(t, s, id); got != revision {
			t.Errorf("product %s has revision %d, but %d was reported as saved", id, got, revision)
		}
	}
	if c, _ := s.Catalogue(); c.Len() != len(b.products)+2 {
		t.Errorf("the store has %d products, want %d and the seed", c.Len(), len(b.products))
	}
	jobs, err := s.Jobs()
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for _, j := range jobs {
		got = append(got, j.ID)
	}
	var want []uint64
	for id := range b.jobs {
		want = append(want, id)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the queue has %v, want %v", got, want)
	}
}

// checkBackup restores a backup, where there is one.
func checkBackup(t *testing.T, file string) {
	t.Helper()
	if _, err := os.Stat(file); err != nil {
		return
	}
	home := t.TempDir()
	if _, _, err := Restore(t.Context(), home, file, nil); err != nil {
		t.Errorf("a backup that is there: %v", err)
		return
	}
	s := openAt(t, home)
	whole(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func bytesOf(id string, revision int) io.Reader {
	return strings.NewReader(fmt.Sprint("picture of ", id, " ", revision))
}
