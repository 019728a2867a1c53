package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/overworld-gg/overworld/bots"
)

func botsCommand() *cobra.Command {
	c := bots.Config{}
	var behaviour string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "bots",
		Short: "Play with simulated players and measure what they feel",
		Long: "bots signs simulated players in at a server, lets them walk, fight and chat, and tells what they felt:\n" +
			"the time to an answer, lost connections, errors, bytes. Ctrl-C ends it with the table so far.",
		Example: "  overworld bots --players 100 --url http://127.0.0.1:8080",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if c.Behaviour, err = bots.ParseBehaviour(behaviour); err != nil {
				return err
			}
			if c.Players < 1 || c.Players > bots.MaxPlayers {
				return fmt.Errorf("--players is %d: it must be from 1 to %d", c.Players, bots.MaxPlayers)
			}
			if err := knock(cmd.Context(), c); err != nil {
				return err
			}
			screen := newScreen(cmd.ErrOrStderr(), isTerminal(cmd.ErrOrStderr()))
			c.Progress = func(s bots.Snapshot) {
				if screen.live {
					screen.show(progressLine(s))
				} else {
					_, _ = fmt.Fprintln(cmd.ErrOrStderr(), progressLine(s))
				}
			}
			result, err := bots.Run(cmd.Context(), c)
			if screen.live {
				screen.show("")
			}
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(result)
			}
			return bots.WriteTable(cmd.OutOrStdout(), result)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.URL, "url", "http://127.0.0.1:8080", "`URL` of the server where players sign in")
	f.IntVar(&c.Players, "players", 10, "how many play")
	f.DurationVar(&c.Duration, "duration", 0, "how long they play once all are in; 0: until Ctrl-C")
	f.Float64Var(&c.RampUp, "ramp-up", 0, "how many come per second (50)")
	f.StringVar(&behaviour, "behaviour", string(bots.Mix), "what they do: walk, fight, chat or mix")
	f.Float64Var(&c.ActionsPerSecond, "actions", 0, "how many things each does per second (2)")
	f.StringVar(&c.Prefix, "prefix", "", "`TEXT` that their names begin with; default: one made up for this run")
	f.StringVar(&c.Password, "password", "", "their `PASSWORD`, to come again with the names of an earlier run")
	f.BoolVar(&c.Compression, "compression", false, "let the server compress what it sends")
	f.BoolVar(&c.InsecureTLS, "insecure", false, "accept any certificate")
	f.BoolVar(&asJSON, "json", false, "write the result as JSON")
	return cmd
}

// knock asks whether there is a server at all, so that a wrong address is told at
// once and not after a minute of tries.
func knock(ctx context.Context, c bots.Config) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+"/healthz", http.NoBody)
	if err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: c.InsecureTLS}}}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("no server answers: %w; start one with: overworld run DIR", err)
	}
	return answer.Body.Close()
}

// progressLine is how it goes, in one line.
func progressLine(s bots.Snapshot) string {
	return fmt.Sprintf("%.0f s: %d of %d connected, %d commands, %d answered, rtt p50 %.1f ms p99 %.1f ms, %.0f frames/s and %.1f kB/s per player",
		s.Seconds, s.Connected, s.Wanted, s.Commands, s.Acks, s.RTT.P50, s.RTT.P99, s.FramesNow, s.BytesNow/1000)
}
