package people

import (
	"crypto/rand"
	"errors"
	"fmt"

	"cheval/recommender"
)

// maxVisit is how many events of a visit are kept in memory; older ones go.
const maxVisit = 2000

// Visit is one person before the mirror, in memory. Only what belongs to a
// profile they chose to have is written. One goroutine at a time may use it.
type Visit struct {
	store   *Store // nil: nothing is counted or kept
	session string
	profile *recommender.Profile // nil: they have none
	before  []recommender.Event  // of earlier visits
	events  []recommender.Event
	verdict map[string]string // the last on each product that was tried

	Basket Basket
}

// NewVisit begins a visit. store may be nil.
func NewVisit(store *Store) *Visit {
	return &Visit{store: store, session: rand.Text(), verdict: map[string]string{}}
}

// Do takes what the person did now. It does not wait for the disk.
func (v *Visit) Do(e recommender.Event) error {
	e.Session = v.session
	if v.store != nil {
		e.At = v.store.now()
	}
	if v.profile != nil {
		e.Profile = v.profile.ID
	}
	if err := e.Validate(); err != nil {
		return err
	}
	if e.Kind == recommender.Try {
		v.verdict[e.Product] = e.Verdict
	}
	if len(v.events) == maxVisit {
		v.events = append(v.events[:0], v.events[1:]...)
	}
	v.events = append(v.events, e)
	if v.store == nil {
		return nil
	}
	return v.store.Post(e)
}

// Attach gives a visit the store that was opened after it began. What was done
// until then is counted now.
func (v *Visit) Attach(store *Store) error {
	v.store = store
	for _, e := range v.events {
		e.At = store.now()
		if err := store.Post(e); err != nil {
			return err
		}
	}
	return nil
}

// Kept says whether a profile can be made.
func (v *Visit) Kept() bool { return v.store != nil }

// Events are those of this visit, oldest first; the slice is the visit's.
func (v *Visit) Events() []recommender.Event { return v.events }

// Profile is the person's; nil: they have none.
func (v *Visit) Profile() *recommender.Profile { return v.profile }

// Session names the visit, and nobody.
func (v *Visit) Session() string { return v.session }

// Person is who is recommended for.
func (v *Visit) Person() recommender.Person {
	p := recommender.Person{Events: append(append([]recommender.Event(nil), v.before...), v.events...)}
	if v.profile != nil {
		p.Profile = *v.profile
	}
	return p
}

// Remember makes a profile of the visit, by the person's choice.
func (v *Visit) Remember(p recommender.Profile) error {
	switch {
	case v.store == nil:
		return errors.New("people: nothing can be kept here; the store is not open")
	case v.profile != nil:
		return fmt.Errorf("people: this visit belongs to profile %s already", v.profile.ID)
	}
	if err := v.store.Flush(); err != nil {
		return err
	}
	if err := v.store.Remember(p, v.events); err != nil {
		return err
	}
	return v.adopt(p.ID)
}

// SignIn goes on with a profile made on an earlier visit; what was done before
// signing in becomes its own.
func (v *Visit) SignIn(id string) error {
	if v.store == nil {
		return errors.New("people: nobody can be remembered here; the store is not open")
	}
	person, err := v.store.Person(id)
	if err != nil {
		return err
	}
	if err := v.store.adopt(id, v.events); err != nil {
		return err
	}
	v.before = person.Events
	return v.adopt(id)
}

func (v *Visit) adopt(id string) (err error) {
	for i := range v.events {
		v.events[i].Profile = id
	}
	v.profile, err = v.store.Profile(id)
	return err
}

// EraseProfile erases the person for good and goes on as a visit of nobody's.
func (v *Visit) EraseProfile() error {
	if v.profile == nil {
		return errors.New("people: this visit has no profile to erase")
	}
	if err := v.store.Erase(v.profile.ID); err != nil {
		return err
	}
	v.profile, v.before, v.events = nil, nil, nil
	return nil
}

// End forgets the visit. Only the counts of products learn of it.
func (v *Visit) End() error {
	var err error
	if v.store != nil {
		err = errors.Join(v.store.Flush(), v.store.countPeople(v.verdict, v.store.now()))
	}
	*v = *NewVisit(v.store)
	return err
}
