package people

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"strconv"
	"strings"
	"time"

	bolt "github.com/boltdb/bolt"
	"github.com/skip2/go-qrcode"

	"cheval/catalog"
	"cheval/recommender"
)

// TicketState is what became of a ticket.
type TicketState string

const (
	TicketOpen   TicketState = "open"
	TicketSold   TicketState = "sold"   // some of it at least
	TicketUnsold TicketState = "unsold" // the person thought better of it
)

// Ticket is a basket handed to staff. It names nobody but by a profile.
type Ticket struct {
	Number  uint64      `json:"number"` // from 1
	Made    time.Time   `json:"made"`
	Lines   []Line      `json:"lines"`
	State   TicketState `json:"state"`
	Settled time.Time   `json:"settled,omitzero"`
	Sold    []int       `json:"sold,omitempty"` // of each line, when settled
	Profile string      `json:"profile,omitempty"`
	Session string      `json:"session,omitempty"`
}

// Totals are the ticket's sums, one for each currency.
func (t *Ticket) Totals() []catalog.Money { return totals(t.Lines) }

// MakeTicket writes a ticket of a basket and returns it with its number.
func (s *Store) MakeTicket(b *Basket, profile, session string) (*Ticket, error) {
	if len(b.lines) == 0 {
		return nil, errors.New("people: the basket is empty; put something into it first")
	}
	t := &Ticket{Made: s.now(), Lines: b.Lines(), State: TicketOpen, Profile: profile, Session: session}
	err := s.update(func(tx *bolt.Tx) (err error) {
		tickets := tx.Bucket(ticketsBucket)
		if t.Number, err = tickets.NextSequence(); err != nil {
			return err
		}
		return putJSON(tickets, number(t.Number), t)
	})
	if err != nil {
		return nil, fmt.Errorf("people: write the ticket: %w", err)
	}
	return t, nil
}

// Settle marks how many of each line of a ticket were sold; nil: none. What was
// sold becomes buy events in the same transaction. A ticket is settled once.
func (s *Store) Settle(ticket uint64, sold []int) (*Ticket, error) {
	t := new(Ticket)
	err := s.update(func(tx *bolt.Tx) error {
		tickets := tx.Bucket(ticketsBucket)
		switch ok, err := getJSON(tickets, number(ticket), t); {
		case err != nil:
			return err
		case !ok:
			return fmt.Errorf("people: there is no ticket %d; look at its number again", ticket)
		case t.State != TicketOpen:
			return fmt.Errorf("people: ticket %d is settled already (%s)", ticket, t.State)
		}
		if err := t.settle(sold, s.now()); err != nil {
			return err
		}
		return errors.Join(putJSON(tickets, number(ticket), t), addAll(tx, t.bought()))
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Ticket) settle(sold []int, at time.Time) error {
	if sold != nil && len(sold) != len(t.Lines) {
		return fmt.Errorf("people: ticket %d has %d lines, but %d were settled", t.Number, len(t.Lines), len(sold))
	}
	t.State, t.Settled, t.Sold = TicketUnsold, at, sold
	for i, n := range sold {
		if n < 0 || n > t.Lines[i].Quantity {
			return fmt.Errorf("people: %d of %s were sold, but ticket %d holds %d", n, t.Lines[i].SKU, t.Number, t.Lines[i].Quantity)
		}
		if n > 0 {
			t.State = TicketSold
		}
	}
	return nil
}

// bought are the buy events of a settled ticket.
func (t *Ticket) bought() (events []recommender.Event) {
	for i, n := range t.Sold {
		if n > 0 {
			events = append(events, recommender.Event{
				Profile: t.Profile, Session: t.Session, Kind: recommender.Buy,
				Product: t.Lines[i].Product, Variant: t.Lines[i].SKU, At: t.Settled,
			})
		}
	}
	return events
}

// ErrNoTicket says that no ticket has a number.
var ErrNoTicket = errors.New("people: there is no ticket of that number; look at its number again")

// Ticket returns the ticket of a number, or ErrNoTicket.
func (s *Store) Ticket(n uint64) (*Ticket, error) {
	t := new(Ticket)
	err := s.view(func(tx *bolt.Tx) error {
		ok, err := getJSON(tx.Bucket(ticketsBucket), number(n), t)
		if err == nil && !ok {
			err = ErrNoTicket
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Same says whether a ticket that was read off a code is this one: its number,
// second, and of each line SKU, quantity and price.
func (t *Ticket) Same(read *Ticket) bool { return t.Text() == read.Text() }

// Tickets returns the newest tickets, at most n.
func (s *Store) Tickets(n int) (all []Ticket, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(ticketsBucket).Cursor()
		for k, v := c.Last(); k != nil && len(all) < n; k, v = c.Prev() {
			var t Ticket
			if err := json.Unmarshal(v, &t); err != nil {
				return fmt.Errorf("people: a ticket cannot be read: %w", err)
			}
			all = append(all, t)
		}
		return nil
	})
	return all, err
}

// ticketMark begins the text of a ticket.
const ticketMark = "CHEVAL-TICKET"

// Text is the whole ticket in lines: what its QR code carries, and what can be
// printed. ParseTicket reads it.
func (t *Ticket) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %s\n", ticketMark, t.Number, t.Made.Format(time.RFC3339))
	for _, l := range t.Lines {
		fmt.Fprintf(&b, "%d %s %d %s\n", l.Quantity, l.SKU, l.Price.Minor, l.Price.Currency)
	}
	return b.String()
}

// QR draws the ticket's text as a QR code of size by size pixels.
func (t *Ticket) QR(size int) (image.Image, error) {
	q, err := qrcode.New(t.Text(), qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("people: ticket %d does not go into a QR code: %w; show its number instead", t.Number, err)
	}
	return q.Image(size), nil
}

// maxTicketText is more than a QR code can hold.
const maxTicketText = 4096

// ParseTicket reads what Text wrote, as a scanner at the till gives it: number,
// time, and of each line SKU, price and quantity.
func ParseTicket(text string) (*Ticket, error) {
	bad := errors.New("people: this is no ticket of Cheval's; scan the code again or type its number")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(text) > maxTicketText || len(lines) < 2 || len(lines) > maxLines+1 {
		return nil, bad
	}
	head := strings.Fields(lines[0])
	if len(head) != 3 || head[0] != ticketMark {
		return nil, bad
	}
	t := &Ticket{State: TicketOpen}
	var err1, err2 error
	t.Number, err1 = strconv.ParseUint(head[1], 10, 64)
	t.Made, err2 = time.Parse(time.RFC3339, head[2])
	if err1 != nil || err2 != nil {
		return nil, bad
	}
	for _, line := range lines[1:] {
		l, err := parseLine(line)
		if err != nil {
			return nil, bad
		}
		t.Lines = append(t.Lines, l)
	}
	return t, nil
}

func parseLine(line string) (l Line, err error) {
	f := strings.Fields(line)
	if len(f) != 4 {
		return l, errors.New("not four words")
	}
	l.SKU, l.Price.Currency = f[1], f[3]
	if l.Quantity, err = strconv.Atoi(f[0]); err != nil || l.Quantity < 1 || l.Quantity > maxQuantity {
		return l, errors.New("no quantity")
	}
	l.Price.Minor, err = strconv.ParseInt(f[2], 10, 64)
	return l, err
}
