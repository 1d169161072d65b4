package people

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	bolt "github.com/boltdb/bolt"

	"cheval/recommender"
)

// Counts are sums over everybody; a person cannot be found in them. They stand
// by product, day and what was done.

// The counts beside the kinds of events.
const (
	// tried and verdicts count people, once a visit: in tries the last verdict.
	tried         = "people"
	verdictPrefix = "people/"
)

// Tally is how often each thing was done with a product.
type Tally map[recommender.EventKind]int

func countEvent(tx *bolt.Tx, e *recommender.Event) error {
	return count(tx, e.Product, dayOf(e.At), string(e.Kind), 1)
}

func count(tx *bolt.Tx, product string, day uint32, what string, n uint64) error {
	b, err := tx.Bucket(countsBucket).CreateBucketIfNotExists([]byte(product))
	if err != nil {
		return err
	}
	key := append(binary.BigEndian.AppendUint32(nil, day), what...)
	return b.Put(key, number(valueOf(b.Get(key))+n))
}

// dayOf counts days from 1970 in UTC; a clock before that gives day 0.
func dayOf(t time.Time) uint32 {
	return uint32(min(max(t.Unix(), 0)/86400, math.MaxUint32))
}

func valueOf(v []byte) uint64 {
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// Counts returns what was done since a day with each product.
func (s *Store) Counts(since time.Time) (map[string]Tally, error) {
	out := map[string]Tally{}
	err := s.view(func(tx *bolt.Tx) error {
		root := tx.Bucket(countsBucket)
		return root.ForEachBucket(func(product []byte) error {
			t := Tally{}
			eachCount(root.Bucket(product), dayOf(since), func(what string, n uint64) {
				t[recommender.EventKind(what)] += int(n)
			})
			for what := range t {
				if !slices.Contains(recommender.EventKinds(), what) {
					delete(t, what)
				}
			}
			if len(t) > 0 {
				out[string(product)] = t
			}
			return nil
		})
	})
	return out, err
}

func eachCount(b *bolt.Bucket, since uint32, visit func(what string, n uint64)) {
	c := b.Cursor()
	for k, v := c.Seek(binary.BigEndian.AppendUint32(nil, since)); len(k) > 4; k, v = c.Next() {
		visit(string(k[4:]), valueOf(v))
	}
}

// countPeople adds one person's visit: which products they tried, and the last
// verdict on each ("": none).
func (s *Store) countPeople(verdicts map[string]string, at time.Time) error {
	if len(verdicts) == 0 {
		return nil
	}
	return s.update(func(tx *bolt.Tx) error {
		for product, verdict := range verdicts {
			if err := count(tx, product, dayOf(at), tried, 1); err != nil {
				return err
			}
			if verdict == "" {
				continue
			}
			if err := count(tx, product, dayOf(at), verdictPrefix+verdict, 1); err != nil {
				return err
			}
		}
		return nil
	})
}

const (
	// minGroup is the fewest people whose tries are shown.
	minGroup = 10
	// noiseScale is that of the Laplace noise on both sums: one person more or
	// less changes each by 1, so each is differentially private with ε = 1
	// (Dwork and others, 2006).
	noiseScale = 1
)

// Risk is how often a group of products did not fit those who tried them.
type Risk struct {
	Known  bool    // false: fewer than ten people tried them
	People int     // with noise
	Share  float64 // 0..1, with noise
}

// Risk says of how many people that tried the products the last verdict was
// the given one. Its noise is the same all day, so that asking again does not
// wash it out.
func (s *Store) Risk(products []string, verdict string) (Risk, error) {
	var people, bad uint64
	var salt []byte
	err := s.update(func(tx *bolt.Tx) (err error) {
		for _, id := range products {
			if b := tx.Bucket(countsBucket).Bucket([]byte(id)); b != nil {
				eachCount(b, 0, func(what string, n uint64) {
					switch what {
					case tried:
						people += n
					case verdictPrefix + verdict:
						bad += n
					}
				})
			}
		}
		salt, err = saltOf(tx)
		return err
	})
	if err != nil || people < minGroup {
		return Risk{}, err
	}
	names := slices.Sorted(slices.Values(products))
	seed := fmt.Sprintf("%x %d %q %q", salt, dayOf(s.now()), names, verdict)
	all := max(float64(people)+laplace(seed+" people"), 1)
	some := min(max(float64(bad)+laplace(seed+" bad"), 0), all)
	return Risk{Known: true, People: int(math.Round(all)), Share: some / all}, nil
}

// laplace draws noise from the hash of a secret seed.
func laplace(seed string) float64 {
	h := sha256.Sum256([]byte(seed))
	u := (float64(binary.BigEndian.Uint64(h[:8])>>11)+0.5)/(1<<53) - 0.5
	return -noiseScale * math.Copysign(math.Log(1-2*math.Abs(u)), u)
}

// saltOf is the file's secret, made when it is first needed.
func saltOf(tx *bolt.Tx) ([]byte, error) {
	meta := tx.Bucket(metaBucket)
	if salt := meta.Get(saltKey); len(salt) == 16 {
		return slices.Clone(salt), nil
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	return salt, meta.Put(saltKey, salt)
}
