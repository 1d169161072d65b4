// Package queue works through many photos: one after the other, with progress
// and the time that remains, cancelled and tried again by a person, and going
// on after a restart where it was. It also watches a folder for new ones.
//
// It leaves to others what is done to a photo (studio) and where the queue is
// kept (catalog/store).
package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cheval/catalog/store"
)

// Store keeps the queue through a restart; store.Store does.
type Store interface {
	AddJobs(ctx context.Context, jobs ...store.Job) ([]store.Job, error)
	SetJob(ctx context.Context, j store.Job) error
	RemoveJobs(ctx context.Context, ids ...uint64) error
	Jobs() ([]store.Job, error)
}

// Work does one job and returns when it is done, has failed, or ctx has ended.
// progress, 0..1, may be called at any time. What it wrote in one batch with
// Done is removed from the queue with it.
type Work func(ctx context.Context, j store.Job, progress func(part float64)) error

// mostTries is how often a job may end the whole process before it is left
// alone.
const mostTries = 3

// Running is the job at work.
type Running struct {
	Job   store.Job
	Part  float64 // 0..1
	Since time.Time
}

// Status is the queue at a moment.
type Status struct {
	Waiting []store.Job
	Failed  []store.Job
	Current *Running      // nil: idle
	Done    int           // since the queue was opened
	Remains time.Duration // until nothing waits; 0 where that is not known yet
	Err     error         // the store could not be read or written: work stands still
}

// Queue works through the jobs of one kind. Any goroutine may use it.
type Queue struct {
	store Store
	kind  string
	work  Work
	told  func(Status)

	ctx  context.Context
	stop context.CancelFunc
	wake chan struct{}
	done chan struct{}

	mu      sync.Mutex
	jobs    []store.Job // waiting and failed, in the queue's order
	current *Running
	cancel  context.CancelFunc // of the current job
	dropped bool               // the current job is cancelled by a person
	ended   int
	took    time.Duration // of one job, averaged
	err     error
}

// Open goes on with the jobs of that kind that the store has, on one goroutine
// of its own. told, which may be nil, is called after every change, on several
// goroutines, and must not call the queue. Close the queue before the store.
func Open(s Store, kind string, work Work, told func(Status)) (*Queue, error) {
	jobs, err := s.Jobs()
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	q := &Queue{store: s, kind: kind, work: work, told: told, wake: make(chan struct{}, 1), done: make(chan struct{})}
	q.ctx, q.stop = context.WithCancel(context.Background())
	for _, j := range jobs {
		if j.Kind != kind {
			continue
		}
		if j.State == store.Running {
			j.State = store.Waiting
		}
		if j.State == store.Waiting && j.Tries >= mostTries {
			j.State, j.Why = store.Failed, fmt.Sprintf("the program ended %d times while it was at this photo", j.Tries)
		}
		q.jobs = append(q.jobs, j)
	}
	go q.loop()
	return q, nil
}

// Close stops: the current job is broken off and waits for the next start. It
// returns when the work has ended. It may be called twice.
func (q *Queue) Close() {
	q.stop()
	<-q.done
}

// Add puts jobs at the end; they are kept when it returns. Their kind is the
// queue's.
func (q *Queue) Add(ctx context.Context, jobs ...store.Job) ([]store.Job, error) {
	for i := range jobs {
		jobs[i].Kind = q.kind
	}
	added, err := q.store.AddJobs(ctx, jobs...)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	q.change(func() { q.jobs = append(q.jobs, added...) })
	return added, nil
}

// Cancel takes jobs out, waiting, failed or at work.
func (q *Queue) Cancel(ctx context.Context, ids ...uint64) error {
	if err := q.store.RemoveJobs(ctx, ids...); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	q.change(func() {
		q.jobs = slices.DeleteFunc(q.jobs, func(j store.Job) bool { return slices.Contains(ids, j.ID) })
		if q.current != nil && slices.Contains(ids, q.current.Job.ID) {
			q.dropped = true
			q.cancel()
		}
	})
	return nil
}

// Retry lets failed jobs wait again; without ids all of them.
func (q *Queue) Retry(ctx context.Context, ids ...uint64) error {
	q.mu.Lock()
	var again []store.Job
	for _, j := range q.jobs {
		if j.State == store.Failed && (len(ids) == 0 || slices.Contains(ids, j.ID)) {
			j.State, j.Why, j.Tries = store.Waiting, "", 0
			again = append(again, j)
		}
	}
	q.mu.Unlock()
	for _, j := range again {
		if err := q.store.SetJob(ctx, j); err != nil && !errors.Is(err, store.ErrAbsent) {
			return fmt.Errorf("queue: %w", err)
		}
		q.change(func() { q.replace(j) })
	}
	return nil
}

// Status tells how it stands.
func (q *Queue) Status() Status {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := Status{Done: q.ended, Err: q.err}
	for _, j := range q.jobs {
		if j.State == store.Failed {
			s.Failed = append(s.Failed, j)
		} else {
			s.Waiting = append(s.Waiting, j)
		}
	}
	left := float64(len(s.Waiting))
	if q.current != nil {
		c := *q.current
		s.Current = &c
		left += 1 - c.Part
	}
	s.Remains = time.Duration(left * float64(q.took))
	return s
}

// change changes what mu guards, tells of it and wakes the loop.
func (q *Queue) change(do func()) {
	q.mu.Lock()
	do()
	q.mu.Unlock()
	q.tell()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue) tell() {
	if q.told != nil {
		q.told(q.Status())
	}
}

// replace puts a job's new state in the place of the old.
func (q *Queue) replace(j store.Job) {
	for i := range q.jobs {
		if q.jobs[i].ID == j.ID {
			q.jobs[i] = j
		}
	}
}

// loop is the queue's goroutine.
func (q *Queue) loop() {
	defer close(q.done)
	for {
		j, ctx, ok := q.take()
		if ok {
			q.settle(j, q.do(ctx, j))
			continue
		}
		select {
		case <-q.ctx.Done():
			return
		case <-q.wake:
		}
	}
}

// take makes the first waiting job the current one.
func (q *Queue) take() (store.Job, context.Context, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.jobs, func(j store.Job) bool { return j.State == store.Waiting })
	if i < 0 || q.ctx.Err() != nil || q.err != nil {
		return store.Job{}, nil, false
	}
	j := q.jobs[i]
	q.jobs = slices.Delete(q.jobs, i, i+1)
	j.State = store.Running
	q.current, q.dropped = &Running{Job: j, Since: time.Now()}, false
	var ctx context.Context
	ctx, q.cancel = context.WithCancel(q.ctx)
	return j, ctx, true
}

// errGone says that a job was taken out before it began.
var errGone = errors.New("the job is gone")

// do notes that the job runs and runs it.
func (q *Queue) do(ctx context.Context, j store.Job) error {
	defer q.cancel()
	q.tell()
	switch err := q.store.SetJob(ctx, j); {
	case errors.Is(err, store.ErrAbsent):
		return errGone
	case err != nil:
		return err
	}
	return q.work(ctx, j, func(part float64) {
		q.mu.Lock()
		if q.current != nil && q.current.Job.ID == j.ID {
			q.current.Part = max(0, min(1, part))
		}
		q.mu.Unlock()
		q.tell()
	})
}

// settle puts the job where its end says. The store is written with a context
// of its own, so that a Close does not lose the news.
func (q *Queue) settle(j store.Job, err error) {
	ctx := context.Background()
	q.mu.Lock()
	dropped, closing := q.dropped, q.ctx.Err() != nil
	took := time.Since(q.current.Since)
	q.mu.Unlock()
	var kept error
	switch {
	case dropped || err == nil || errors.Is(err, errGone):
		kept = q.store.RemoveJobs(ctx, j.ID)
	case closing:
		j.State = store.Waiting
		kept = q.store.SetJob(ctx, j)
	default:
		j.State, j.Why, j.Tries = store.Failed, err.Error(), j.Tries+1
		kept = q.store.SetJob(ctx, j)
	}
	q.change(func() {
		q.current = nil
		switch {
		case dropped || errors.Is(err, errGone):
		case err == nil:
			q.ended++
			q.took = average(q.took, took)
		case j.State != store.Running: // waits or has failed
			q.jobs = append(q.jobs, j)
			slices.SortFunc(q.jobs, func(a, b store.Job) int { return int(int64(a.ID) - int64(b.ID)) })
		}
		if kept != nil && !errors.Is(kept, store.ErrAbsent) && !closing {
			q.err = fmt.Errorf("queue: %w", kept)
		}
	})
}

// average weighs the last job by a third, so that the remaining time follows a
// machine that gets busy.
func average(before, last time.Duration) time.Duration {
	if before == 0 {
		return last
	}
	return before + (last-before)/3
}
