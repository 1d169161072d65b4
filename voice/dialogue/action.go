// Package dialogue keeps the state of a conversation before the mirror: what
// is being looked for, what was said of it, what waits for a yes. It turns a
// meaning into deeds for the app and into what there is to answer.
//
// It leaves to others what a sentence means (voice/understand), the words of
// the answer (voice/answer), and doing the deeds (the app, which tells the
// scene as it then is).
package dialogue

import "cheval/voice/understand"

// Deed is one kind of thing that the app does.
type Deed string

// The deeds. Fields of Action that a deed uses stand behind it.
const (
	ShowProducts Deed = "show_products" // Items, in order; Filter for the filter sheet
	Wear         Deed = "wear"          // Items[0]
	TakeOff      Deed = "take_off"
	SideBySide   Deed = "side_by_side" // Items, two to four
	ShowDetails  Deed = "show_details" // Items[0]
	ShowFit      Deed = "show_fit"     // Items[0]
	ShowHistory  Deed = "show_history"
	Keep         Deed = "keep"          // Items[0]: to the favourites
	Unkeep       Deed = "unkeep"        // Items[0]
	Reject       Deed = "reject"        // Items[0]: disliked
	TakePhoto    Deed = "take_photo"    // after the app's countdown
	BasketAdd    Deed = "basket_add"    // Items[0], Quantity
	BasketRemove Deed = "basket_remove" // Items[0], Quantity (0: all of it)
	BasketEmpty  Deed = "basket_empty"
	ShowBasket   Deed = "show_basket"
	Checkout     Deed = "checkout" // shows the basket's code for the till
	CallStaff    Deed = "call_staff"
	SetVolume    Deed = "set_volume"   // Direction: up, down, on, off
	SetLanguage  Deed = "set_language" // Language
	ShowHelp     Deed = "show_help"
	SayAgain     Deed = "say_again"
	ConfirmErase Deed = "confirm_erase" // ask on screen too
	Erase        Deed = "erase"         // after a yes: everything of this person
	EndSession   Deed = "end_session"
	Offer        Deed = "offer" // Choices: which of two was meant
)

// Item is a product in one of its variants.
type Item struct {
	Product string `json:"product"`
	Variant int    `json:"variant"` // index in the product's Variants
}

// Action is one deed with its particulars.
type Action struct {
	Deed      Deed                `json:"do"`
	Items     []Item              `json:"items,omitempty"`
	Filter    *understand.Slots   `json:"filter,omitempty"`
	Quantity  int                 `json:"quantity,omitempty"`
	Direction string              `json:"direction,omitempty"`
	Language  understand.Language `json:"language,omitempty"`
	Choices   []understand.Intent `json:"choices,omitempty"`
}
