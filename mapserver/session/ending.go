package session

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/token"
)

// maxReason is how long the reason of a close frame may be in bytes: a control
// frame holds 125, two of them are the code.
const maxReason = 123

// ending is why and how a session ends.
type ending struct {
	code int
	// word names the kind in metrics.
	word string
	text string
	// quiet leaves the error frame out.
	quiet bool
}

// Codes of this package; the table in the package's documentation has them all.
const (
	codeTakeover    = 4001
	codeIdle        = 4002
	codeMalformed   = 4400
	codeSignature   = 4401
	codeOtherPlayer = 4402
	codeOtherMap    = 4403
	codeExpired     = 4408
	codeUsed        = 4409
	codeGame        = 4410
)

const drainText = "The map is being stopped or moved: sign in again in a few seconds."

var (
	endFull     = ending{code: websocket.CloseTryAgainLater, word: "full", text: "map is full"}
	endTakeover = ending{code: codeTakeover, word: "takeover", text: "You came in over another connection, which took over from this one."}
	endCorrupt  = ending{code: websocket.CloseInvalidFramePayloadData, word: "corrupt", text: "The compressed message cannot be read."}
	endProtocol = ending{code: websocket.CloseProtocolError, word: "protocol", quiet: true}
	endGone     = ending{code: websocket.CloseNormalClosure, word: "gone", quiet: true}
)

func endDrain(text string) ending {
	if text == "" {
		text = drainText
	}
	return ending{code: websocket.CloseServiceRestart, word: "drain", text: text}
}

func (c *Config) endSlow() ending {
	return ending{code: websocket.CloseTryAgainLater, word: "slow",
		text: fmt.Sprintf("The connection is too slow for this map: it was behind for %s.", c.SlowLimit)}
}

func (c *Config) endIdle() ending {
	return ending{code: codeIdle, word: "idle",
		text: fmt.Sprintf("Nothing was heard for %s, not even an answer to a ping.", c.IdleLimit)}
}

func (c *Config) endRate() ending {
	return ending{code: websocket.ClosePolicyViolation, word: "rate", text: "Too many messages: " + c.rateText()}
}

func (c *Config) endFlood() ending {
	return ending{code: websocket.ClosePolicyViolation, word: "flood", text: "Too much data: " + c.rateText()}
}

func (c *Config) rateText() string {
	return fmt.Sprintf("at most %d a second and %d at once are allowed.", c.Rate, c.Burst)
}

func (c *Config) endSize() ending {
	return ending{code: websocket.CloseMessageTooBig, word: "size",
		text: fmt.Sprintf("The message is too large: at most %d bytes are allowed.", c.MaxMessage)}
}

var refusalCodes = map[*token.Refusal]int{
	token.ErrMissing:     codeMalformed,
	token.ErrMalformed:   codeMalformed,
	token.ErrSignature:   codeSignature,
	token.ErrOtherPlayer: codeOtherPlayer,
	token.ErrOtherMap:    codeOtherMap,
	token.ErrExpired:     codeExpired,
	token.ErrUsed:        codeUsed,
	token.ErrCrowded:     websocket.CloseTryAgainLater,
}

// endRefused is the ending for an error of a Door.
func endRefused(err error) ending {
	var refusal *token.Refusal
	if !errors.As(err, &refusal) {
		return ending{code: codeSignature, word: "door", text: err.Error()}
	}
	code, ok := refusalCodes[refusal]
	if !ok {
		code = codeSignature
	}
	return ending{code: code, word: refusal.Reason, text: refusal.Text}
}

// closeMessage is the close frame of e.
func (f *framer) closeMessage(e ending) *game.Message {
	return f.control(websocket.CloseMessage, websocket.FormatCloseMessage(sendable(e.code), shorten(e.text)))
}

// sendable returns code if it may stand in a close frame.
func sendable(code int) int {
	switch {
	case code == 0:
		return websocket.CloseNormalClosure
	case code >= 3000 && code <= 4999:
		return code
	case code >= 1000 && code <= 1014 && (code < 1004 || code > 1006):
		return code
	default:
		return websocket.CloseInternalServerErr
	}
}

// shorten cuts text to what a close frame holds, between two characters.
func shorten(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) <= maxReason {
		return text
	}
	end := maxReason
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// errorFrame tells of an error as the native protocol does, in plain ASCII.
func errorFrame(text string) *game.Message {
	out := make([]byte, 0, len(text)+16)
	out = append(out, `{"error":`...)
	out = appendString(out, text)
	return &game.Message{Data: append(out, '}')}
}

// later is the time at which an ended connection is cut, on the clock of the
// operating system: it bounds system calls.
func (c *Config) later() time.Time { return time.Now().Add(c.CloseWait) }
