// Package browser drives the pages of existing systems, by the selectors of
// package selectors. Nothing else in the house knows Chromium or rod.
//
// # One Chromium, a pool of pages
//
// Start runs one Chromium; Browser.Page hands out pages, each with cookies of its
// own, as many at a time as Config.MaxPages. A page keeps its cookies until
// Page.Reset or Page.Release. Chromium is started anew after a number of pages or
// above a size; pages that are out at that moment live on in the old one, which
// ends with the last of them. It ends with us, also when we are killed.
//
// # Finding
//
// A script of ours stands in every document, in a world that the page cannot see.
// It looks for a name by all its ways at once, through frames and open shadow
// roots, and answers when the element is there, visible, enabled and not covered;
// what is pressed must also have been in the same place a frame earlier. All
// fields of a form are found in one call. A way counts only if it points at one
// visible element; if a later way than the first serves, that is drift: counted,
// and told to Config.OnDrift.
//
// # Typing and pressing
//
// Values come as input events of the browser's own (Input.insertText). They are
// sent one after the other without waiting; each field hands the focus to the next
// when the page has heard of its text, and a text that comes to any other field is
// stopped before the field takes it. All fields are read back and compared by
// their kind, and once more in the moment of the next press. A press that would
// land on anything but its element, because the page moved in the last moment, is
// stopped before the page hears of it, and tried again.
//
// # Waiting
//
// Everything waits for a state, never for a time, and gives up after Config.Wait
// with an error that names what it waited for. After a press the page is waited
// for that it asks for; what then shows is for At, Which, Wait or ClickTo.
//
// # Errors
//
// ScreenChanged: a page answered that does not fit the selectors. Slow: it did
// not come in time, or something was there and could not be used. Unreachable: no
// page answered, or the server's own error. Closed: page or browser are gone.
// NotTaken: a field does not hold what was typed. All can be had by errors.As.
// That a system refuses something in words is for the caller, who reads them.
//
// # Limits
//
// Closed shadow roots cannot be seen into. A table that a script draws with more
// than a tenth of a second between its rows may be read before it is whole. Text
// in pictures cannot be masked, so larger pictures are left out of snapshots.
// Frames of other sites are entered one by one, which takes a few round trips
// more; they run in the page's own process.
package browser
