package bots

// Result is what a crowd measured. "Per player" means: of one connected player,
// on average.
type Result struct {
	// Wanted is how many bots there should be, Started how many were started.
	Wanted  int `json:"wanted"`
	Started int `json:"started"`
	// Connected is how many were connected at the end, Peak at most, Gone how
	// many gave up, because the gateway would not let them in.
	Connected int `json:"connected"`
	Peak      int `json:"peak"`
	Gone      int `json:"gone"`
	// Seconds is how long it all took; PlayerSeconds adds up how long each bot
	// was connected.
	Seconds       float64 `json:"seconds"`
	PlayerSeconds float64 `json:"playerSeconds"`
	// Logins counts sign-ins, Registered those that made an account;
	// LoginFailures counts sign-ins and connections that were refused, by reason.
	Logins        int            `json:"logins"`
	Registered    int            `json:"registered"`
	LoginFailures map[string]int `json:"loginFailures"`
	// Reconnects counts connections after a player's first, Handovers those that
	// the server asked for.
	Reconnects int `json:"reconnects"`
	Handovers  int `json:"handovers"`
	// LongestAway is the longest time in seconds from the end of a connection to the
	// world on the next one. Warned counts players who were told that a map closes.
	LongestAway float64 `json:"longestAwaySeconds"`
	Warned      int     `json:"warned"`
	// Frames and Bytes are what came in; bytes are those on the wire.
	Frames          int64   `json:"frames"`
	Bytes           int64   `json:"bytes"`
	FramesPerSecond float64 `json:"framesPerSecondPerPlayer"`
	BytesPerSecond  float64 `json:"bytesPerSecondPerPlayer"`
	// Commands is how many were sent, Acks how many were answered.
	Commands int64 `json:"commands"`
	Acks     int64 `json:"acks"`
	// RTT is from a command to its answer, without the time for which the command
	// had to wait for its turn.
	RTT Latency `json:"rttMillis"`
	// Errors counts what the server complained of; Closes connections that the
	// server or the network ended, by code and reason.
	Errors map[string]int `json:"errors"`
	Closes map[string]int `json:"closes"`
	// Interrupted tells that the context ended before the time was over.
	Interrupted bool `json:"interrupted"`
}

// Latency is in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Snapshot is a Result on the way.
type Snapshot struct {
	Result
	// FramesNow and BytesNow are per player and second, since the last Snapshot.
	FramesNow float64 `json:"framesNow"`
	BytesNow  float64 `json:"bytesNow"`
}

// since fills in what came after before.
func (s *Snapshot) since(before Result) {
	if played := s.PlayerSeconds - before.PlayerSeconds; played > 0 {
		s.FramesNow = float64(s.Frames-before.Frames) / played
		s.BytesNow = float64(s.Bytes-before.Bytes) / played
	}
}
