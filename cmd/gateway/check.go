package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// checkCommand is for helm test: the image has no shell and no curl.
func checkCommand() *cobra.Command {
	var urls []string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:     "check --url URL",
		Short:   "Wait until addresses answer 200",
		Example: "  gateway check --url http://overworld-gateway:8080/readyz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(urls) == 0 {
				return errors.New("which addresses? Give them with --url")
			}
			enough := time.After(timeout)
			for _, url := range urls {
				if err := waitFor(cmd.Context(), url, enough); err != nil {
					return err
				}
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), url, "answers")
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&urls, "url", nil, "`URL` to ask; may be given several times")
	cmd.Flags().DurationVar(&timeout, "timeout", time.Minute, "how long to wait for all")
	return cmd
}

// askTimeout bounds one question.
const askTimeout = 5 * time.Second

// waitFor asks until the answer is 200, or it has been enough.
func waitFor(ctx context.Context, url string, enough <-chan time.Time) error {
	ticker := time.NewTicker(time.Second / 2)
	defer ticker.Stop()
	for {
		err := ask(ctx, url)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-enough:
			return fmt.Errorf("%s does not answer as it should: %w", url, err)
		case <-ticker.C:
		}
	}
}

func ask(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}
