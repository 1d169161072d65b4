package app

import (
	"slices"

	"cheval/catalog"
	"cheval/viewport"
	"cheval/voice/dialogue"
)

// doDeed does what the dialogue decided, as a finger would.
func (a *App) doDeed(d dialogue.Action) {
	var first *catalog.Product
	if len(d.Items) > 0 {
		first = a.shopper.stock.Product(d.Items[0].Product)
	}
	if first != nil {
		a.doWith(d, first)
		return
	}
	switch d.Deed {
	case dialogue.ShowProducts:
		a.say("warning", a.look.tr.t("talk.none"))
	case dialogue.TakeOff:
		a.wipeTo(0.98)
		a.showWipe()
	case dialogue.ShowHistory:
		a.openLikes()
	case dialogue.TakePhoto:
		a.takePhoto()
	case dialogue.BasketEmpty:
		a.visit.Basket.Clear()
		a.stage.refreshMirror()
	case dialogue.ShowBasket:
		a.openBasket()
	case dialogue.Checkout, dialogue.CallStaff:
		a.callStaff()
	case dialogue.SetVolume:
		a.setVolume(d.Direction)
	case dialogue.SetLanguage:
		if string(d.Language) != a.lang {
			a.toggleLanguage()
		}
	case dialogue.ShowHelp:
		a.openAsk()
	case dialogue.SayAgain:
		a.sayAgain()
	case dialogue.ConfirmErase:
		if a.visit.Profile() != nil {
			a.confirmErase()
		}
	case dialogue.Erase:
		a.eraseByVoice()
	case dialogue.EndSession:
		a.after(goodbyeWait, a.endSession)
	case dialogue.Offer:
		a.talk.choices = d.Choices
	}
}

// doWith does a deed that is about a product.
func (a *App) doWith(d dialogue.Action, p *catalog.Product) {
	v := min(max(d.Items[0].Variant, 0), len(p.Variants)-1)
	switch d.Deed {
	case dialogue.ShowProducts:
		a.showOnly(d.Items)
	case dialogue.Wear:
		a.shopper.variant[p.ID] = v
		if a.view.Mode == viewport.Wipe {
			a.toggleWipe()
		}
		a.wear(p)
	case dialogue.SideBySide:
		a.showBeside(d.Items)
	case dialogue.ShowDetails, dialogue.ShowFit:
		a.wear(p)
	case dialogue.Keep:
		if !a.shopper.likes(p) {
			a.likeProduct(p)
		}
	case dialogue.Unkeep:
		if a.shopper.likes(p) {
			a.shopper.like(p)
			a.touched()
		}
	case dialogue.Reject:
		if p == a.shopper.active() {
			a.dislike()
		}
	case dialogue.BasketAdd:
		have := a.visit.Basket.Quantity(p.Variants[v].SKU)
		a.setInBasket(p, v, have+max(d.Quantity, 1))
	case dialogue.BasketRemove:
		left := 0
		if d.Quantity > 0 {
			left = max(a.visit.Basket.Quantity(p.Variants[v].SKU)-d.Quantity, 0)
		}
		a.setInBasket(p, v, left)
	}
}

// showOnly shows some products in the rail, in their order.
func (a *App) showOnly(items []dialogue.Item) {
	sh := a.shopper
	sh.forYou = false
	sh.shown = nil
	for _, i := range items {
		if p := sh.stock.Product(i.Product); p != nil && !slices.Contains(sh.shown, p) {
			sh.shown = append(sh.shown, p)
			sh.variant[p.ID] = min(max(i.Variant, 0), len(p.Variants)-1)
		}
	}
	a.touched()
}

// showBeside wears two products side by side.
func (a *App) showBeside(items []dialogue.Item) {
	first, second := a.shopper.stock.Product(items[0].Product), a.shopper.active()
	if len(items) > 1 {
		second = a.shopper.stock.Product(items[1].Product)
	}
	if first == nil || second == nil || first == second {
		return
	}
	if a.view.Mode != viewport.SideBySide {
		a.toggleSides()
	}
	a.shopper.worn, a.shopper.second = first, second
	a.showLooks()
	a.compared()
	a.stage.refreshMirror()
}

func (a *App) showWipe() {
	if a.view.Mode != viewport.Wipe {
		a.toggleWipe()
	}
}

// callStaff makes a ticket of the basket or, where it is empty, of what is worn.
func (a *App) callStaff() {
	if len(a.visit.Basket.Lines()) == 0 {
		if p := a.shopper.active(); p != nil && !a.setBasket(p, 1) {
			return
		}
	}
	a.askStaff()
}

// eraseByVoice erases the profile if there is one, and ends the visit.
func (a *App) eraseByVoice() {
	if a.visit.Profile() != nil {
		a.eraseProfile()
	}
	a.after(goodbyeWait, a.endSession)
}
