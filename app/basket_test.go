package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cheval/recommender"
	"cheval/voice/teach"
	"cheval/voice/understand"
)

func TestABasketBecomesATicketThatStaffSettle(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.settle()
	b.wear(b.shopper.all[2])
	b.toggleBasket()
	if n := b.visit.Basket.Quantity(b.shopper.all[2].Variants[0].SKU); n != 1 {
		t.Fatalf("%d lie in the basket", n)
	}
	b.openBasket()
	b.askStaff()
	b.settle()
	tickets, err := b.App.people.Tickets(5)
	if err != nil || len(tickets) != 1 || len(b.visit.Basket.Lines()) != 0 {
		t.Fatalf("tickets %+v, %v; the basket holds %v", tickets, err, b.visit.Basket.Lines())
	}
	if b.stage.sheet == nil {
		t.Fatal("the ticket is not shown")
	}
	b.section = sectionTickets
	b.stage.goTo(screenStaff)
	b.settle()
	page := &ticketsPage{a: b.App, look: b.look, body: b.look.column(16)}
	page.settle(tickets[0].Number, []int{1})
	b.settle()
	if counts, _ := b.App.people.Counts(time.Time{}); counts[b.shopper.all[2].ID][recommender.Buy] != 1 {
		t.Errorf("sold, the counts are %v", counts)
	}
	b.section = sectionInsights
	b.stage.goTo(screenStaff)
	b.settle()
}

func TestAProfileIsKeptByChoiceFoundByItsCodeAndErased(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.settle()
	b.openProfile()
	b.wear(b.shopper.all[1])
	b.clock.advance(5 * time.Second)
	b.toggleLike()
	b.remember()
	p := b.visit.Profile()
	if p == nil {
		t.Fatalf("nothing is remembered; notices: %v", b.notices)
	}
	if p.Fit.Width != "" {
		t.Errorf("measures are kept that nobody agreed to: %+v", p.Fit)
	}
	b.endSession()
	b.settle()
	if b.visit.Profile() != nil {
		t.Fatal("the next person is taken for the last")
	}
	pad := &codePad{digits: strings.ReplaceAll(p.ID, "-", "")}
	b.signIn(pad)
	var did []string
	for _, e := range b.visit.Person().Events {
		did = append(did, string(e.Kind))
	}
	if b.visit.Profile() == nil || !slices.Contains(did, "like") || !slices.Contains(did, "try") {
		t.Fatalf("signed in, the person did %v; %q", did, pad.message)
	}
	model := filepath.Join(b.opts.Home, recommender.FileName)
	if err := os.WriteFile(model, []byte("learned of everybody"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keepExample(b.opts.Home, teach.Example{Example: understand.Example{Language: "en", Text: "zap it", Intent: understand.Photo}, Origin: teach.Corrected, Owner: p.ID}); err != nil {
		t.Fatal(err)
	}
	b.eraseProfile()
	b.settle()
	if _, err := os.Stat(model); err == nil {
		t.Error("the model that learned of them is still there")
	}
	if data, _ := os.ReadFile(filepath.Join(b.opts.Home, teach.File)); strings.Contains(string(data), p.ID) {
		t.Error("what they said is still there under their code")
	}
	if _, err := b.App.people.Profile(p.ID); err == nil || b.visit.Profile() != nil {
		t.Errorf("the profile is still there: %v", err)
	}
}

func TestGuessingCodesIsSlow(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.settle()
	for range codeTries {
		b.signIn(&codePad{digits: "123456789"})
	}
	pad := &codePad{digits: "123456789"}
	b.signIn(pad)
	if !strings.Contains(pad.message, "60") {
		t.Errorf("the sixth wrong code is answered with %q", pad.message)
	}
}

func TestALookOfAMomentPassesAFrameOver(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.wear(b.shopper.all[1])
	b.clock.advance(time.Second)
	b.wear(b.shopper.all[2])
	b.clock.advance(8 * time.Second)
	b.wear(b.shopper.all[3])
	var got []string
	for _, e := range b.visit.Events() {
		got = append(got, string(e.Kind)+" "+e.Product)
	}
	want := []string{"skip " + b.shopper.all[1].ID, "try " + b.shopper.all[2].ID}
	if !slices.Equal(got, want) {
		t.Errorf("noted %v, want %v", got, want)
	}
}
