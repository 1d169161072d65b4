package latest

import (
	"context"
	"sync"
	"testing"
	"time"
)

func TestTheNewestWinsAndTheRestIsReleasedAndCounted(t *testing.T) {
	var released []int
	b := New(func(v int) { released = append(released, v) })
	for v := range 4 {
		b.Put(v)
	}
	if v, ok := b.Take(context.Background()); !ok || v != 3 {
		t.Errorf("took %d, %v; want the newest, 3", v, ok)
	}
	if _, ok := b.TryTake(); ok {
		t.Error("took an item twice")
	}
	if b.Dropped() != 3 || len(released) != 3 {
		t.Errorf("counted %d drops and released %v, want 3 of each", b.Dropped(), released)
	}
}

func TestTakeWaitsForAnItem(t *testing.T) {
	b := New[string](nil)
	got := make(chan string)
	go func() {
		v, _ := b.Take(context.Background())
		got <- v
	}()
	b.Put("frame")
	if v := <-got; v != "frame" {
		t.Errorf("took %q", v)
	}
}

func TestTakeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if v, ok := New[int](nil).Take(ctx); ok {
		t.Errorf("took %d from an empty box", v)
	}
}

func TestCloseReleasesWhatIsLeftAndEndsEveryTake(t *testing.T) {
	released := 0
	b := New(func(int) { released++ })
	var waiting sync.WaitGroup
	for range 3 {
		waiting.Go(func() {
			for {
				if _, ok := b.Take(context.Background()); !ok {
					return
				}
			}
		})
	}
	b.Close()
	waiting.Wait()
	b.Put(1)
	b.Close()
	if released != 1 || b.Dropped() != 0 {
		t.Errorf("released %d and counted %d; want what came after Close released, and not counted", released, b.Dropped())
	}
}

func TestEveryItemIsTakenOrReleasedOnce(t *testing.T) {
	const items = 10_000
	seen := make([]int, items)
	b := New(func(v int) { seen[v]++ })
	done := make(chan []int)
	go func() {
		var taken []int
		for {
			v, ok := b.Take(context.Background())
			if !ok {
				done <- taken
				return
			}
			taken = append(taken, v)
		}
	}()
	for v := range items {
		b.Put(v)
	}
	b.Close()
	last := -1
	for _, v := range <-done {
		if v <= last {
			t.Fatalf("took %d after %d", v, last)
		}
		last = v
		seen[v]++
	}
	for v, n := range seen {
		if n != 1 {
			t.Fatalf("item %d was taken or released %d times", v, n)
		}
	}
}
