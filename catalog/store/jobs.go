package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	bolt "github.com/boltdb/bolt"
)

// JobState is how far a job is.
type JobState string

const (
	Waiting JobState = "waiting"
	Running JobState = "running"
	Failed  JobState = "failed"
)

// Job is one piece of work that must survive a restart, such as a photo that
// is to become a product.
type Job struct {
	ID       uint64          `json:"id"` // given by AddJobs, in the order of the queue
	Kind     string          `json:"kind"`
	State    JobState        `json:"state"`
	Tries    int             `json:"tries,omitempty"` // how often it was interrupted or failed
	Why      string          `json:"why,omitempty"`   // it failed
	Payload  json.RawMessage `json:"payload,omitempty"`
	Pictures []string        `json:"pictures,omitempty"` // hashes that it needs: they are kept for it
	At       time.Time       `json:"at"`
}

// AddJobs puts jobs at the end of the queue and returns them with their IDs.
func (s *Store) AddJobs(ctx context.Context, jobs ...Job) ([]Job, error) {
	out := append([]Job(nil), jobs...)
	err := s.write(ctx, func(w *writing) (err error) {
		b := w.tx.Bucket(jobsBucket)
		for i := range out {
			j := &out[i]
			if j.ID, err = b.NextSequence(); err != nil {
				return err
			}
			if j.State == "" {
				j.State = Waiting
			}
			if j.At.IsZero() {
				j.At = time.Now().UTC().Truncate(time.Millisecond)
			}
			if err := w.putJob(j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SetJob replaces a job, for its state to last; ErrAbsent if it was removed.
func (s *Store) SetJob(ctx context.Context, j Job) error {
	return s.write(ctx, func(w *writing) error {
		if w.tx.Bucket(jobsBucket).Get(numberKey(j.ID)) == nil {
			return fmt.Errorf("job %d: %w", j.ID, ErrAbsent)
		}
		return w.putJob(&j)
	})
}

// RemoveJobs takes jobs out of the queue, whatever their state. Those that are
// not there are left out. A job that ends with a product is rather removed by
// the batch that writes it (Batch.Done).
func (s *Store) RemoveJobs(ctx context.Context, ids ...uint64) error {
	return s.write(ctx, func(w *writing) error {
		for _, id := range ids {
			if err := w.removeJob(id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Jobs are all jobs in the order of the queue. Those that ran when the process
// ended are waiting again.
func (s *Store) Jobs() (jobs []Job, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(jobsBucket).ForEach(func(k, rec []byte) error {
			j, err := unsealJob(rec)
			jobs = append(jobs, j)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("store: read the queue: %w", err)
	}
	return jobs, nil
}

func unsealJob(rec []byte) (j Job, err error) {
	h, content, err := unseal(rec)
	if err != nil {
		return j, err
	}
	if h.kind != jobRecord {
		return j, fmt.Errorf("a record of kind %q stands where a job should", h.kind)
	}
	if err := json.Unmarshal(content, &j); err != nil {
		return j, fmt.Errorf("this is not a job: %w", err)
	}
	return j, nil
}

func (w *writing) putJob(j *Job) error {
	switch j.State {
	case Waiting, Running, Failed:
	default:
		return fmt.Errorf("job %d: state %.20q is none of waiting, running, failed", j.ID, j.State)
	}
	content, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("job %d: %w", j.ID, err)
	}
	rec, err := seal(append(newRecord(), content...), header{jobRecord, w.stamp, 0})
	if err != nil {
		return fmt.Errorf("job %d: %w", j.ID, err)
	}
	b := w.tx.Bucket(jobsBucket)
	if err := w.refer(rec, +1); err != nil {
		return fmt.Errorf("job %d: %w", j.ID, err)
	}
	if before := b.Get(numberKey(j.ID)); before != nil {
		if err := w.refer(before, -1); err != nil {
			return err
		}
	}
	return b.Put(numberKey(j.ID), rec)
}

func (w *writing) removeJob(id uint64) error {
	b := w.tx.Bucket(jobsBucket)
	before := b.Get(numberKey(id))
	if before == nil {
		return nil
	}
	if err := w.refer(before, -1); err != nil {
		return err
	}
	return b.Delete(numberKey(id))
}

// resumeJobs lets those wait again that ran when the last process ended.
func (s *Store) resumeJobs() error {
	jobs, err := s.Jobs()
	if err != nil {
		return err
	}
	var ran []Job
	for _, j := range jobs {
		if j.State == Running {
			j.State = Waiting
			j.Tries++
			ran = append(ran, j)
		}
	}
	if len(ran) == 0 {
		return nil
	}
	return s.write(context.Background(), func(w *writing) error {
		for i := range ran {
			if err := w.putJob(&ran[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
