package people

import (
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"cheval/catalog"
	"cheval/recommender"
)

func TestATicketSoldBecomesABuy(t *testing.T) {
	s := openTest(t, t.TempDir())
	remember(t, s, "A")
	var b Basket
	must(t, b.Set(wanted(), 0, 2, "en"))
	ticket, err := s.MakeTicket(&b, "A", "")
	must(t, err)
	if got := ticket.Totals(); len(got) != 1 || got[0] != (catalog.Money{Minor: 179800, Currency: "CNY"}) {
		t.Errorf("the total is %v", got)
	}
	if _, err := s.Settle(ticket.Number, []int{3}); err == nil || !strings.Contains(err.Error(), "ticket 1 holds 2") {
		t.Errorf("more than it holds: %v", err)
	}
	if ticket, err = s.Settle(ticket.Number, []int{1}); err != nil || ticket.State != TicketSold {
		t.Errorf("settled: %+v, %v", ticket, err)
	}
	if _, err := s.Settle(ticket.Number, nil); err == nil || !strings.Contains(err.Error(), "settled already") {
		t.Errorf("settled twice: %v", err)
	}
	if _, err := s.Settle(77, nil); err == nil {
		t.Error("a ticket that is not there was settled")
	}
	events, _ := s.Events("A")
	if len(events) != 1 || events[0].Kind != recommender.Buy || events[0].Variant != "ARIA-BLK" {
		t.Errorf("events: %+v", events)
	}
	if tickets, err := s.Tickets(5); err != nil || len(tickets) != 1 || tickets[0].State != TicketSold {
		t.Errorf("tickets: %+v, %v", tickets, err)
	}
}

func TestABasketHoldsNoMoreThanTheStock(t *testing.T) {
	var b Basket
	if err := b.Set(wanted(), 0, 4, "en"); err == nil || !strings.Contains(err.Error(), "only 3 of ARIA-BLK are in stock") {
		t.Errorf("four of three: %v", err)
	}
	must(t, b.Set(wanted(), 0, 3, "en"))
	must(t, b.Set(wanted(), 0, 1, "en"))
	if b.Quantity("ARIA-BLK") != 1 || len(b.Lines()) != 1 {
		t.Errorf("the basket holds %v", b.Lines())
	}
	must(t, b.Set(wanted(), 0, 0, "en"))
	if len(b.Lines()) != 0 {
		t.Errorf("taken out, it holds %v", b.Lines())
	}
	s := openTest(t, t.TempDir())
	if _, err := s.MakeTicket(&b, "", ""); err == nil {
		t.Error("an empty basket made a ticket")
	}
}

func TestATicketsCodeCarriesItWhole(t *testing.T) {
	ticket := &Ticket{Number: 1042, Made: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	for _, sku := range []string{"ARIA-BLK", "CLEO-TORT", "SOL-AVI-GOLD"} {
		ticket.Lines = append(ticket.Lines, Line{SKU: sku, Quantity: 2, Price: catalog.Money{Minor: 89900, Currency: "CNY"}})
	}
	img, err := ticket.QR(600)
	must(t, err)
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	must(t, err)
	code, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	must(t, err)
	read, err := ParseTicket(code.GetText())
	must(t, err)
	if read.Text() != ticket.Text() {
		t.Errorf("read:\n%s\nwant:\n%s", read.Text(), ticket.Text())
	}
}

func TestTheFullestBasketGoesIntoACode(t *testing.T) {
	ticket := &Ticket{Number: 1 << 62, Made: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	for range maxLines {
		ticket.Lines = append(ticket.Lines, Line{SKU: strings.Repeat("S", 64), Quantity: maxQuantity, Price: catalog.Money{Minor: 1 << 62, Currency: "CNY"}})
	}
	if _, err := ticket.QR(800); err != nil {
		t.Error(err)
	}
}

func FuzzParseTicket(f *testing.F) {
	f.Add("CHEVAL-TICKET 7 2026-05-04T10:00:00Z\n1 ARIA-BLK 89900 CNY\n")
	f.Add("CHEVAL-TICKET 7 2026-05-04T10:00:00Z\n")
	f.Add("https://example.org")
	f.Fuzz(func(t *testing.T, text string) {
		ticket, err := ParseTicket(text)
		if err != nil {
			return
		}
		again, err := ParseTicket(ticket.Text())
		if err != nil || again.Text() != ticket.Text() {
			t.Fatalf("%q is read as %q, %v", text, ticket.Text(), err)
		}
	})
}
