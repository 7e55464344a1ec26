package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func (a *API) addSuppressions() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/suppressions", id: "listSuppressions", tag: "suppressions", role: auth.Viewer,
		summary: "List who must not be added or invited, the latest first",
		about:   "The numbers themselves are not stored: only a keyed hash, and a masked form to recognise them by.",
	}, a.listSuppressions)
	add(a, operation{
		method: http.MethodPost, path: "/v1/suppressions", id: "addSuppressions", tag: "suppressions", role: auth.Operator, pools: true, body: true, does: audit.Suppress,
		summary: "Put people on the list",
		about:   "The list is checked when a group comes in, and again directly before each call. A person already on the list keeps the first reason. With any bad phone no person is put on it.",
	}, a.suppress)
	add(a, operation{
		method: http.MethodDelete, path: "/v1/suppressions", id: "removeSuppression", tag: "suppressions", role: auth.Operator, does: audit.Unsuppress,
		summary: "Take a person off the list by an address", about: "The same as POST /v1/suppressions/remove for one person. An address with a phone is written into the logs of proxies and servers: use that one where you can.",
	}, a.unsuppress)
	add(a, operation{
		method: http.MethodPost, path: "/v1/suppressions/remove", id: "removeSuppressions", tag: "suppressions", role: auth.Operator, body: true, does: audit.Unsuppress,
		summary: "Take people off the list",
		about:   "Taking off a person who is not on it changes nothing, which the answer says. With any bad phone no person is taken off.",
	}, a.unsuppressAll)
}

type suppressionList struct {
	Items      []store.Suppression `json:"items"`
	NextCursor string              `json:"nextCursor"`
}

func (a *API) listSuppressions(ctx context.Context, in *Page) (*answered[suppressionList], error) {
	after, err := suppressionAt(in.Cursor)
	if err != nil {
		return nil, err
	}
	// The list has no order in Redis: one pass finds the first entries after the cursor and keeps only one page of
	// them.
	var found []store.Suppression
	if err := a.Store.People.Suppressions(ctx, func(s store.Suppression) error {
		if after != nil && latestFirst(s, *after) <= 0 {
			return nil
		}
		at, known := slices.BinarySearchFunc(found, s, latestFirst)
		if known || at > in.Limit { // a scan may show an entry twice
			return nil
		}
		found = slices.Insert(found, at, s)
		found = found[:min(len(found), in.Limit+1)]
		return nil
	}); err != nil {
		return nil, err
	}
	list := suppressionList{Items: append([]store.Suppression{}, found[:min(len(found), in.Limit)]...)}
	if len(found) > in.Limit {
		last := found[in.Limit-1]
		list.NextCursor = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.At.UnixNano(), 10) + " " + last.ID))
	}
	return &answered[suppressionList]{list}, nil
}

func latestFirst(a, b store.Suppression) int {
	return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID))
}

// suppressionAt reads a cursor: the last entry of a page.
func suppressionAt(cursor string) (*store.Suppression, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // no cursor is not an error
	}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, store.ErrCursor
	}
	nanos, id, ok := strings.Cut(string(data), " ")
	n, err := strconv.ParseInt(nanos, 10, 64)
	if err != nil || !ok {
		return nil, store.ErrCursor
	}
	return &store.Suppression{ID: id, At: unixNano(n)}, nil
}

type suppressInput struct {
	Region string `query:"region" doc:"The country of numbers without a country code, two letters as BR."`
	Body   SuppressRequest
}

// SuppressRequest has the people to put on the list.
type SuppressRequest struct {
	_      struct{}      `additionalProperties:"false"`
	Phones []tasks.Phone `json:"phones" minItems:"1" doc:"The people's numbers."`
	Reason string        `json:"reason,omitempty" maxLength:"500" doc:"Why. Do not write the number into it."`
}

// Suppressed says how many people were given, and for how many something changed.
type Suppressed struct {
	Given   int `json:"given"`
	Changed int `json:"changed"`
}

func (a *API) suppress(ctx context.Context, in *suppressInput) (*answered[Suppressed], error) {
	people, err := peopleOf(in.Body.Phones, in.Region, "no person was put on the list")
	if err != nil {
		return nil, err
	}
	added, err := a.Control.Suppress(ctx, people, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &answered[Suppressed]{Suppressed{Given: len(people), Changed: added}}, nil
}

type unsuppressAllInput struct {
	Region string `query:"region" doc:"The country of numbers without a country code, two letters as BR."`
	Body   UnsuppressRequest
}

// UnsuppressRequest has the people to take off the list.
type UnsuppressRequest struct {
	_      struct{}      `additionalProperties:"false"`
	Phones []tasks.Phone `json:"phones" minItems:"1" doc:"The people's numbers."`
}

func (a *API) unsuppressAll(ctx context.Context, in *unsuppressAllInput) (*answered[Suppressed], error) {
	people, err := peopleOf(in.Body.Phones, in.Region, "no person was taken off the list")
	if err != nil {
		return nil, err
	}
	changed, err := a.Control.Unsuppress(ctx, people)
	if err != nil {
		return nil, err
	}
	return &answered[Suppressed]{Suppressed{Given: len(people), Changed: changed}}, nil
}

// peopleOf reads the phones of a body, each person once. One bad phone refuses them all.
func peopleOf(typed []tasks.Phone, region, nothing string) ([]phone.Number, error) {
	var people []phone.Number
	var faults []Fault
	seen := phone.Set{}
	for i, text := range typed {
		n, err := number(string(text), region)
		if err != nil {
			faults = append(faults, fault(fmt.Sprintf("body.phones[%d]", i), string(tasks.BadPhone), err.Error()))
		} else if seen.Add(n.Identity()) {
			people = append(people, n)
		}
	}
	if len(faults) > 0 {
		p := problem(http.StatusUnprocessableEntity, "%d of the %d phones cannot be used; %s.", len(faults), len(typed), nothing)
		p.Errors = faults
		return nil, p
	}
	return people, nil
}

type unsuppressInput struct {
	Phone  string `query:"phone" required:"true" doc:"The person's number, in any spelling."`
	Region string `query:"region" doc:"The country of a number without a country code, two letters as BR."`
}

func (a *API) unsuppress(ctx context.Context, in *unsuppressInput) (*answered[Suppressed], error) {
	n, err := number(plus(in.Phone), in.Region)
	if err != nil {
		return nil, invalid("query.phone", string(tasks.BadPhone), "%s", err)
	}
	changed, err := a.Control.Unsuppress(ctx, []phone.Number{n})
	if err != nil {
		return nil, err
	}
	return &answered[Suppressed]{Suppressed{Given: 1, Changed: changed}}, nil
}

// number reads a phone, or a chat id that is a phone number.
func number(typed, region string) (phone.Number, error) {
	n, _, err := phone.ParsePerson(typed, region)
	if err == nil && n == "" {
		return "", fmt.Errorf("a LID is not a telephone number; write the number")
	}
	return n, err
}
