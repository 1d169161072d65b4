package people

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"unicode/utf8"

	bolt "github.com/boltdb/bolt"

	"cheval/recommender"
)

// Limits of a profile.
const (
	maxName   = 80
	maxStated = 64 // values of one stated like
)

// NewID makes an ID that tells nothing of a person and that a number pad can
// take: nine random digits, "482-903-755". Who knows it can see and erase the
// profile, so tries at it are to be slowed down.
func NewID() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000))
	if err != nil { // crypto/rand never fails
		panic(err)
	}
	d := fmt.Sprintf("%09d", n)
	return d[:3] + "-" + d[3:6] + "-" + d[6:]
}

// Remember makes a profile, by the person's choice, out of a visit: its events
// become the profile's. It returns when all is on the disk.
func (s *Store) Remember(p recommender.Profile, events []recommender.Event) error {
	if err := check(&p); err != nil {
		return err
	}
	now := s.now()
	p.Made, p.Seen = now, now
	return s.update(func(tx *bolt.Tx) error {
		profiles := tx.Bucket(profilesBucket)
		if profiles.Get([]byte(p.ID)) != nil {
			return fmt.Errorf("people: there is a profile %s already; choose another name for it", p.ID)
		}
		if err := putJSON(profiles, []byte(p.ID), &p); err != nil {
			return err
		}
		return keep(tx, p.ID, events)
	})
}

// adopt gives a profile the events that were done before it was named, and
// notes the visit.
func (s *Store) adopt(id string, events []recommender.Event) error {
	return s.update(func(tx *bolt.Tx) error {
		p, err := profile(tx, id)
		if err != nil {
			return err
		}
		p.Seen = s.now()
		return errors.Join(putJSON(tx.Bucket(profilesBucket), []byte(id), p), keep(tx, id, events))
	})
}

// keep writes events as a profile's. They were counted when they were done.
func keep(tx *bolt.Tx, id string, events []recommender.Event) error {
	for _, e := range events {
		e.Profile = id
		if _, err := addEvent(tx, &e); err != nil {
			return err
		}
	}
	return nil
}

// Change gives f a profile to change and writes it.
func (s *Store) Change(id string, f func(*recommender.Profile)) error {
	return s.update(func(tx *bolt.Tx) error {
		p, err := profile(tx, id)
		if err != nil {
			return err
		}
		f(p)
		p.ID = id
		if err := check(p); err != nil {
			return err
		}
		return putJSON(tx.Bucket(profilesBucket), []byte(id), p)
	})
}

// Profile returns a profile; the error is ErrNoProfile where there is none.
func (s *Store) Profile(id string) (p *recommender.Profile, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		p, err = profile(tx, id)
		return err
	})
	return p, err
}

// Profiles returns all of them, in the order of their IDs.
func (s *Store) Profiles() (all []recommender.Profile, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		return tx.Bucket(profilesBucket).ForEach(func(k, v []byte) error {
			var p recommender.Profile
			if err := json.Unmarshal(v, &p); err != nil {
				return fmt.Errorf("people: profile %s cannot be read: %w", k, err)
			}
			all = append(all, p)
			return nil
		})
	})
	return all, err
}

// Person returns a profile with all its events, as the ranking takes it.
func (s *Store) Person(id string) (*recommender.Person, error) {
	p, err := s.Profile(id)
	if err != nil {
		return nil, err
	}
	events, err := s.Events(id)
	if err != nil {
		return nil, err
	}
	return &recommender.Person{Profile: *p, Events: events}, nil
}

// Everybody returns all profiles with their events, as a training takes them.
func (s *Store) Everybody() (all []recommender.Person, err error) {
	profiles, err := s.Profiles()
	if err != nil {
		return nil, err
	}
	for _, p := range profiles {
		events, err := s.Events(p.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, recommender.Person{Profile: p, Events: events})
	}
	return all, nil
}

func profile(tx *bolt.Tx, id string) (*recommender.Profile, error) {
	if err := recommender.CheckProfileID(id); err != nil {
		return nil, err
	}
	p := new(recommender.Profile)
	switch ok, err := getJSON(tx.Bucket(profilesBucket), []byte(id), p); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, fmt.Errorf("people: profile %s: %w; look at the code again", id, ErrNoProfile)
	}
	return p, nil
}

func check(p *recommender.Profile) error {
	if err := recommender.CheckProfileID(p.ID); err != nil {
		return err
	}
	if len(p.Name) > maxName || !utf8.ValidString(p.Name) {
		return fmt.Errorf("people: the name of profile %s is over %d bytes or not text; take a shorter one", p.ID, maxName)
	}
	if p.Likes.PriceMin < 0 || p.Likes.PriceMax < 0 {
		return errors.New("people: a stated price is below nought; leave it out instead")
	}
	for _, l := range [][]string{p.Likes.Colours, p.Likes.Shapes, p.Likes.Materials, p.Likes.Kinds, p.Likes.Brands, p.Likes.Styles} {
		if len(l) > maxStated {
			return fmt.Errorf("people: %d values are stated for one like, but at most %d are kept", len(l), maxStated)
		}
	}
	return nil
}
