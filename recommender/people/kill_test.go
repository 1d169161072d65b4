package people

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"cheval/recommender"
)

// killedHome is set for the process that is killed.
const killedHome = "CHEVAL_PEOPLE_KILLED_HOME"

// workUntilKilled writes events, and says each that was reported as written.
func workUntilKilled(home string) {
	s, err := Open(home)
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	_ = s.Remember(recommender.Profile{ID: "A"}, nil) // there already, after the first time
	for i := 0; ; i++ {
		product := fmt.Sprintf("p-%d-%d", os.Getpid(), i)
		_ = s.Post(recommender.Event{Profile: "A", Kind: recommender.Try, Product: product, At: time.Now()})
		if err := s.Flush(); err == nil {
			fmt.Println("written", product)
		}
		if i%7 == 0 {
			gone := fmt.Sprintf("gone-%d-%d", os.Getpid(), i) // no other round makes it again
			_ = s.Remember(recommender.Profile{ID: gone}, nil)
			if _, err := s.Backup(); err == nil && s.Erase(gone) == nil {
				fmt.Println("erased", gone)
			}
		}
	}
}

func TestKilledAtAnyMomentNothingWrittenIsLostAndNothingErasedComesBack(t *testing.T) {
	home := t.TempDir()
	var written, erased []string
	for round := range kills {
		w, e := killOnce(t, home, time.Duration(50+rand.IntN(250))*time.Millisecond)
		written, erased = append(written, w...), append(erased, e...)
		check := func() {
			s, err := Open(home)
			must(t, err)
			defer s.Close()
			if s.Recovered() != nil {
				t.Fatalf("round %d: the file was damaged: %+v", round, s.Recovered())
			}
			events, err := s.Events("A")
			must(t, err)
			have := map[string]bool{}
			for _, e := range events {
				have[e.Product] = true
			}
			for _, product := range written {
				if !have[product] {
					t.Fatalf("round %d: %s was reported as written and is missing", round, product)
				}
			}
		}
		check()
		for _, id := range erased {
			if where := holding(t, home, `"`+id+`"`); len(where) > 0 {
				t.Fatalf("round %d: %s was erased and stands in %v", round, id, where)
			}
		}
	}
	if len(written) == 0 || len(erased) == 0 {
		t.Fatalf("%d events were written and %d profiles erased: nothing was tried", len(written), len(erased))
	}
}

// killOnce lets a process work for a while, kills it and returns what it said.
func killOnce(t *testing.T, home string, after time.Duration) (written, erased []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killedHome+"="+home)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	var kill *time.Timer
	for lines.Scan() {
		if kill == nil { // from the first word on, however slow the start
			kill = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			defer kill.Stop()
		}
		switch word, what, _ := strings.Cut(lines.Text(), " "); word {
		case "written":
			written = append(written, what)
		case "erased":
			erased = append(erased, what)
		default:
			t.Fatal(lines.Text())
		}
	}
	_ = cmd.Wait()
	return written, erased
}
