package keeper

import (
	"errors"
	"time"
)

// What a request can end with; errors.Is tells.
var (
	// ErrFenced: another process has opened the map since. This one must stop
	// writing; trying again is of no use.
	ErrFenced = errors.New("the map has been opened by another server")
	// ErrUnavailable: the keeper did not answer, or not as a keeper does. The
	// request may or may not have been carried out; try again.
	ErrUnavailable = errors.New("the keeper does not answer")
	// ErrUnauthorized: the key is not the map's.
	ErrUnauthorized = errors.New("the keeper does not accept the map's key")
	// ErrNotFound: there is no such player, or no such map to go to.
	ErrNotFound = errors.New("the keeper does not know it")
	// ErrMoved: the player is on another map.
	ErrMoved = errors.New("the player is on another map")
	// ErrFull: the map to go to has no room now.
	ErrFull = errors.New("the map is full")
	// ErrNotReady: the map to go to is not running yet.
	ErrNotReady = errors.New("the map is not ready")
	// ErrRefused: the keeper found a fault in the request; the text says which.
	ErrRefused = errors.New("the keeper refuses the request")
)

// Error is what the keeper answered.
type Error struct {
	// Message is a sentence; it may be shown to the map's owner.
	Message string
	// RetryAfter is when the keeper suggests to ask again, 0 when it does not.
	RetryAfter time.Duration
	kind       error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns one of the errors of this package.
func (e *Error) Unwrap() error { return e.kind }

// Retryable tells whether the same request may succeed later.
func Retryable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrFull) || errors.Is(err, ErrNotReady)
}

// kinds are the errors by the code in the keeper's answer.
var kinds = map[string]error{
	"fenced":       ErrFenced,
	"unauthorized": ErrUnauthorized,
	"not_found":    ErrNotFound,
	"moved":        ErrMoved,
	"full":         ErrFull,
	"not_ready":    ErrNotReady,
	"unavailable":  ErrUnavailable,
	"bad_request":  ErrRefused,
	"too_large":    ErrRefused,
}
